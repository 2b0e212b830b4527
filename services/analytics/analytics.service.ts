import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import type { EventContext } from '../common/inbox.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { rebuild } from './actions/rebuild.ts';
import { report } from './actions/report.ts';
import { type Source, sources } from './events.ts';
import { resolvers } from './resolvers.ts';
import { openSalesStore, type SalesStore } from './sales-store.ts';

export type AnalyticsService = StoreService<SalesStore>;

export function analyticsService(config: ShopConfig): ServiceSchema {
  return defineService<AnalyticsService>({
    name: 'analytics',
    mixins: [Subgraph({ schema: './schema.graphql', resolvers }), withStore(() => openSalesStore(config))],
    actions: { rebuild, report },
    channels: Object.fromEntries(Object.entries(sources).map(([type, source]) => [type, count(source)])),
  });
}

/** Its own inbox: `rebuild` asks which events were counted. */
function count({ versions, toFact }: Source) {
  return {
    versions,
    handler(this: AnalyticsService, { locals, params }: EventContext<unknown>) {
      return this.store.count(locals.event.id, toFact(params));
    },
  };
}

export default analyticsService(loadConfig());
