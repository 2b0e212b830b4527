import type { ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import type { EventContext } from '../common/inbox.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { byIds } from './actions/by-ids.ts';
import { changePrice } from './actions/change-price.ts';
import { list } from './actions/list.ts';
import { top } from './actions/top.ts';
import { type OrderConfirmed, orderConfirmed, PRODUCT_PRICE_CHANGED } from './events.ts';
import { openProductStore, type ProductStore } from './product-store.ts';
import { references, resolvers } from './resolvers.ts';

export type ProductsService = StoreService<ProductStore> & { forgetPrices(): Promise<void> };

export function productsService(config: ShopConfig): ServiceSchema {
  return defineService<ProductsService>({
    name: 'products',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withStore(() => openProductStore(config)),
    ],
    actions: { byIds, changePrice, list, top },
    events: {
      // Our own event: each replica has a cache of its own, and the one that changed the price tells the others.
      [PRODUCT_PRICE_CHANGED]: {
        handler(this: ProductsService) {
          return this.forgetPrices();
        },
      },
    },
    channels: {
      'order.confirmed': {
        versions: orderConfirmed,
        async handler(this: ProductsService, { params }: EventContext<OrderConfirmed>) {
          await this.store.countSale(params.orderId, params.items);
          // One replica hears of each sale; the others' ranking is as old as its cache entry, 30 s at most.
          await this.broker.cacher?.clean('products.top:**');
        },
      },
    },
    methods: {
      /** A read that began before may still put the old price back; the entries' short life ends that. */
      async forgetPrices(this: ProductsService) {
        await this.broker.cacher?.clean(['products.byIds:**', 'products.top:**']);
      },
    },
  });
}

export default productsService(loadConfig());
