import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import type { EventContext } from '../common/inbox.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { add } from './actions/add.ts';
import { byIds } from './actions/by-ids.ts';
import { byUsers, ofProducts } from './actions/pages.ts';
import { ratings } from './actions/ratings.ts';
import { type OrderConfirmed, orderConfirmed } from './events.ts';
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
    channels: {
      'order.confirmed': {
        versions: orderConfirmed,
        // Without an inbox: to remember a purchase twice changes nothing.
        async handler(this: ReviewsService, { params }: EventContext<OrderConfirmed>) {
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
