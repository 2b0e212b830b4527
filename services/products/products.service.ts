import type { Context, ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { byIds } from './actions/by-ids.ts';
import { changePrice } from './actions/change-price.ts';
import { list } from './actions/list.ts';
import { top } from './actions/top.ts';
import { type OrderPlaced, PRODUCT_PRICE_CHANGED } from './events.ts';
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
      'order.placed': {
        async handler(this: ProductsService, { params }: Context<OrderPlaced>) {
          await this.store.countSale(params.orderId, params.items);
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
