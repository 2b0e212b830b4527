import type { Context } from 'moleculer';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import type { InventoryService } from '../inventory.service.ts';
import type { Totals } from '../stock.ts';

/** For the books, which must agree with the orders. */
export const totals = {
  idempotent: true,
  params: { $$strict: true },
  /** @throws UNAUTHENTICATED, FORBIDDEN */
  async handler(this: InventoryService, ctx: Context<unknown, Meta>): Promise<Totals> {
    requireAdmin(ctx);
    return this.store.totals();
  },
} satisfies Action<InventoryService>;
