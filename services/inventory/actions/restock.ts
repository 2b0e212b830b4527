import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { InventoryService } from '../inventory.service.ts';
import type { Stock } from '../stock.ts';

interface Params {
  readonly productId: string;
  readonly quantity: number;
}

export const restock = {
  params: {
    productId: idParam,
    quantity: { type: 'number', integer: true, min: 1, max: 10_000 },
    $$strict: true,
  },
  /** @throws UNAUTHENTICATED, FORBIDDEN, PRODUCT_NOT_FOUND */
  async handler(this: InventoryService, ctx: Context<Params, Meta>): Promise<Stock> {
    requireAdmin(ctx);
    const { productId, quantity } = ctx.params;
    const found = await ctx.call<unknown[], object>('products.byIds', { ids: [productId] });
    if (found.length === 0) throw shopError('PRODUCT_NOT_FOUND');
    const stock = await this.store.restock(productId, quantity);
    await this.announce(ctx, [stock]);
    return stock;
  },
} satisfies Action<InventoryService>;
