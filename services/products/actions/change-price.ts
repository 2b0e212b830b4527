import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import { euros, MAX_PRICE } from '../../common/money.ts';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { tell } from '../../common/tell.ts';
import { PRODUCT_PRICE_CHANGED, type ProductPriceChanged } from '../events.ts';
import type { Product } from '../product.ts';
import type { ProductsService } from '../products.service.ts';

interface Params {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
}

export const changePrice = {
  params: {
    id: idParam,
    amount: { type: 'number', integer: true, min: 1, max: MAX_PRICE },
    $$strict: true,
  },
  /** @throws UNAUTHENTICATED, FORBIDDEN, PRODUCT_NOT_FOUND */
  async handler(this: ProductsService, ctx: Context<Params, Meta>): Promise<Product> {
    requireAdmin(ctx);
    const { id, amount } = ctx.params;
    const before = await this.store.changePrice(id, amount);
    const [product] = await this.store.byIds([id]);
    if (before === undefined || !product) throw shopError('PRODUCT_NOT_FOUND');
    await this.forgetPrices();
    const event: ProductPriceChanged = {
      productId: id,
      oldPrice: euros(before),
      newPrice: euros(amount),
      changedAt: Date.now(),
    };
    tell(ctx, PRODUCT_PRICE_CHANGED, event);
    return product;
  },
} satisfies Action<ProductsService>;
