import type { Context } from 'moleculer';
import { exactKey, idsParam, isSingle } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { InventoryService } from '../inventory.service.ts';
import type { Stock } from '../stock.ts';

/** One Stock for each id, in their order; none available where the product is unknown. */
export const levels = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  cache: {
    enabled: isSingle,
    keygen: exactKey,
    ttl: 10,
  },
  handler(this: InventoryService, ctx: Context<{ readonly ids: readonly string[] }>): Promise<Stock[]> {
    return this.store.levels(ctx.params.ids);
  },
} satisfies Action<InventoryService>;
