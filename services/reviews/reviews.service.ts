import type { Context, ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { add } from './actions/add.ts';
import { byIds } from './actions/by-ids.ts';
import { byUsers, ofProducts } from './actions/pages.ts';
import { ratings } from './actions/ratings.ts';
import type { OrderPlaced } from './events.ts';
import { references, resolvers } from './resolvers.ts';
import { openReviewStore, type ReviewStore } from './review-store.ts';

export type ReviewsService = StoreService<ReviewStore>;

export function reviewsService(config: ShopConfig): ServiceSchema {
  return defineService<ReviewsService>({
    name: 'reviews',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withStore(() => openReviewStore(config)),
    ],
    actions: { add, byIds, byUsers, ofProducts, ratings },
    events: {
      // Missed, a later review merely lacks its mark.
      'order.placed': {
        async handler(this: ReviewsService, { params }: Context<OrderPlaced>) {
          await this.store.addPurchases(
            params.customerId,
            params.items.map(({ productId }) => productId),
          );
        },
      },
    },
  });
}

export default reviewsService(loadConfig());
