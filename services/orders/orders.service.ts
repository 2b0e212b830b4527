import type { ServiceSchema } from 'moleculer';
import { createSagaService, type SagaRunner, startSagaRunner } from 'moleculer-durable-events';
import { Subgraph } from 'moleculer-federation';
import { type OutboxService, withOutboxStore } from '../common/outbox.ts';
import { defineService } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { byIds } from './actions/by-ids.ts';
import { cancel } from './actions/cancel.ts';
import { list } from './actions/list.ts';
import { place } from './actions/place.ts';
import { settle } from './actions/settle.ts';
import { timelines } from './actions/timelines.ts';
import { orderFulfilment } from './order-fulfilment.saga.ts';
import { type OrderStore, openOrderStore } from './order-store.ts';
import { references, resolvers } from './resolvers.ts';

export type OrdersService = OutboxService<OrderStore> & {
  fulfilment: SagaRunner;
  /** ms that one step of an order may take. */
  stepTimeout: number;
};

export function ordersService(config: ShopConfig): ServiceSchema {
  return defineService<OrdersService>({
    name: 'orders',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withOutboxStore(() => openOrderStore(config)),
      // The last mixin stops first: no fulfilment may go on when the store is closed.
      {
        async stopped(this: { readonly fulfilment?: SagaRunner }) {
          await this.fulfilment?.stop();
        },
      } as unknown as ServiceSchema,
    ],
    actions: { byIds, cancel, list, place, settle, timelines },
    created() {
      this.stepTimeout = config.orderStepTimeout;
      this.broker.createService(createSagaService('fulfilments', () => this.fulfilment));
    },
    async started() {
      const { broker, logger } = this;
      this.fulfilment = startSagaRunner({
        ...{ db: this.store.outbox, broker, logger },
        sagas: [orderFulfilment],
      });
    },
  });
}

export default ordersService(loadConfig());
