import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { type OutboxService, withOutboxStore } from '../common/outbox.ts';
import { defineService } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { byIds } from './actions/by-ids.ts';
import { list } from './actions/list.ts';
import { place } from './actions/place.ts';
import { type OrderStore, openOrderStore } from './order-store.ts';
import { references, resolvers } from './resolvers.ts';

export type OrdersService = OutboxService<OrderStore>;

export function ordersService(config: ShopConfig): ServiceSchema {
  return defineService<OrdersService>({
    name: 'orders',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withOutboxStore(() => openOrderStore(config)),
    ],
    actions: { byIds, list, place },
  });
}

export default ordersService(loadConfig());
