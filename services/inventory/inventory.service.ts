import type { Context, ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { withFaults } from '../common/faults.ts';
import type { Meta } from '../common/identity.ts';
import { exactKey } from '../common/params.ts';
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

/** By their keys: orders change stock all the time, and a pattern would be matched with every key of the cache. */
const forgetLevels = (service: InventoryService, productIds: readonly string[]) =>
  service.broker.cacher?.del(
    productIds.map((id) => exactKey({ name: 'inventory.levels' }, null, { params: { ids: [id] } })),
  );

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
        async handler(this: InventoryService, { nodeID, params }: Context<StockChanged>) {
          if (nodeID !== this.broker.nodeID) await forgetLevels(this, [params.productId]);
        },
      },
    },
    methods: {
      /** Whoever changed the stock reads the new one at once; the other replicas when the event arrives. */
      async announce(this: InventoryService, ctx: Context<unknown, Meta>, changed: readonly Stock[]) {
        await forgetLevels(
          this,
          changed.map(({ id }) => id),
        );
        for (const { id, available } of changed)
          tell<StockChanged>(ctx, STOCK_CHANGED, { productId: id, available });
      },
    },
  });
}

export default inventoryService(loadConfig());
