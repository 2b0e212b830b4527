import type { Context } from 'moleculer';
import { shopError } from '../common/errors.ts';
import type { Money } from '../common/money.ts';
import type { Parcel } from './quote.ts';

export interface Cart {
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

/** What shipping needs to know of a product. */
interface Weighed {
  readonly id: string;
  readonly weight: number;
  readonly price: Money;
}

/** A whole cart as one parcel, by today's weights and prices. @throws PRODUCT_NOT_FOUND */
export async function parcelOf(ctx: Context<Cart>): Promise<Parcel> {
  const { items } = ctx.params;
  const ids = [...new Set(items.map(({ productId }) => productId))];
  const products = new Map(
    (await ctx.call<Weighed[], object>('products.byIds', { ids })).map((product) => [product.id, product]),
  );
  let weight = 0;
  let value = 0;
  for (const { productId, quantity } of items) {
    const product = products.get(productId);
    if (!product) throw shopError('PRODUCT_NOT_FOUND', `There is no product '${productId}'.`);
    weight += product.weight * quantity;
    value += product.price.amount * quantity;
  }
  return { weight, value };
}
