import type { Context, ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { withFaults } from '../common/faults.ts';
import type { Meta } from '../common/identity.ts';
import { defineService, type StoreService, withStore } from '../common/service.ts';
import { tell } from '../common/tell.ts';
import { loadConfig, type ShopConfig } from '../config.ts';
import { confirm } from './actions/confirm.ts';
import { levels } from './actions/levels.ts';
import { release } from './actions/release.ts';
import { reserve } from './actions/reserve.ts';
import { restock } from './actions/restock.ts';
import { totals } from './actions/totals.ts';
import { STOCK_CHANGED, type StockChanged } from './events.ts';
import { references, resolvers } from './resolvers.ts';
import type { Stock } from './stock.ts';
import { openStockStore, type StockStore } from './stock-store.ts';

export type InventoryService = StoreService<StockStore> & {
  announce(ctx: Context<unknown, Meta>, changed: readonly Stock[]): Promise<void>;
};

const forgetLevels = (service: InventoryService) => service.broker.cacher?.clean('inventory.levels:**');

export function inventoryService(config: ShopConfig): ServiceSchema {
  return defineService<InventoryService>({
    name: 'inventory',
    mixins: [
      Subgraph({ schema: './schema.graphql', resolvers, references }),
      withStore(() => openStockStore(config)),
      withFaults(['reserve', 'confirm', 'release']),
    ],
    actions: { confirm, levels, release, reserve, restock, totals },
    events: {
      // Our own event: each replica has a cache of its own, and the one that changed the stock tells the others.
      [STOCK_CHANGED]: {
        async handler(this: InventoryService) {
          await forgetLevels(this);
        },
      },
    },
    methods: {
      /** Whoever changed the stock reads the new one at once; the other replicas when the event arrives. */
      async announce(this: InventoryService, ctx: Context<unknown, Meta>, changed: readonly Stock[]) {
        if (changed.length > 0) await forgetLevels(this);
        for (const { id, available } of changed)
          tell<StockChanged>(ctx, STOCK_CHANGED, { productId: id, available });
      },
    },
  });
}

export default inventoryService(loadConfig());
