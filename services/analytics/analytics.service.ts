import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import type { EventContext } from '../common/inbox.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { rebuild } from './actions/rebuild.ts';
import { report } from './actions/report.ts';
import { type OrderPlaced, sources, type UserRegistered } from './events.ts';
import { resolvers } from './resolvers.ts';
import { openSalesStore, type SalesStore } from './sales-store.ts';

export type AnalyticsService = StoreService<SalesStore>;

export function analyticsService(config: ShopConfig): ServiceSchema {
  const { 'user.registered': registered, 'order.placed': placed } = sources;
  return defineService<AnalyticsService>({
    name: 'analytics',
    mixins: [Subgraph({ schema: './schema.graphql', resolvers }), withStore(() => openSalesStore(config))],
    actions: { rebuild, report },
    channels: {
      'user.registered': {
        versions: registered.versions,
        handler(this: AnalyticsService, { locals, params }: EventContext<UserRegistered>) {
          return this.store.count(locals.event.id, registered.toFact(params));
        },
      },
      'order.placed': {
        versions: placed.versions,
        handler(this: AnalyticsService, { locals, params }: EventContext<OrderPlaced>) {
          return this.store.count(locals.event.id, placed.toFact(params));
        },
      },
    },
  });
}

export default analyticsService(loadConfig());
