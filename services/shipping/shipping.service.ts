import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { cartQuotes } from './actions/cart-quotes.ts';
import { estimates } from './actions/estimates.ts';
import { quotes } from './actions/quotes.ts';
import { openRateStore, type RateStore } from './rate-store.ts';
import { references, resolvers } from './resolvers.ts';

export type ShippingService = StoreService<RateStore>;

export function shippingService(config: ShopConfig): ServiceSchema {
  return defineService<ShippingService>({
    name: 'shipping',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withStore(() => openRateStore(config)),
    ],
    actions: { cartQuotes, estimates, quotes },
    events: {
      // A cart's value decides whether it ships free.
      'product.priceChanged': {
        async handler(this: ShippingService) {
          await this.broker.cacher?.clean('shipping.cartQuotes:**');
        },
      },
    },
  });
}

export default shippingService(loadConfig());
