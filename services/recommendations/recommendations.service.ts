import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { type EventContext, entryOf, withInboxPruning } from '../common/inbox.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { boughtTogether } from './actions/bought-together.ts';
import { totals } from './actions/totals.ts';
import { type OrderConfirmed, orderConfirmed } from './events.ts';
import { openPairStore, type PairStore } from './pair-store.ts';
import { pairsOf } from './pairs.ts';
import { resolvers } from './resolvers.ts';

export type RecommendationsService = StoreService<PairStore>;

export function recommendationsService(config: ShopConfig): ServiceSchema {
  return defineService<RecommendationsService>({
    name: 'recommendations',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers }),
      withStore(() => openPairStore(config)),
      withInboxPruning(),
    ],
    actions: { boughtTogether, totals },
    channels: {
      'order.confirmed': {
        versions: orderConfirmed,
        handler(this: RecommendationsService, ctx: EventContext<OrderConfirmed>) {
          const products = ctx.params.items.map(({ productId }) => productId);
          return this.store.count(entryOf(ctx), pairsOf(products));
        },
      },
    },
  });
}

export default recommendationsService(loadConfig());
