import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import { CURRENCY, type Money } from '../../common/money.ts';
import { exactKey, itemsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { type Quote, quotesFor } from '../quote.ts';
import type { ShippingService } from '../shipping.service.ts';

interface Params {
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

/** What shipping needs to know of a product. */
interface Weighed {
  readonly id: string;
  readonly weight: number;
  readonly price: Money;
}

/** The ways of shipping a whole cart as one parcel, cheapest first. */
export const cartQuotes = {
  idempotent: true,
  params: { items: itemsParam, $$strict: true },
  // Depends on prices (free shipping): cleaned when one changes, and short-lived in case that event is lost.
  cache: { keygen: exactKey, ttl: 30 },
  /** @throws PRODUCT_NOT_FOUND, NOT_SHIPPABLE */
  async handler(this: ShippingService, ctx: Context<Params>): Promise<Quote[]> {
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
    const quotes = quotesFor({ weight, value }, await this.store.all(), CURRENCY);
    if (quotes.length === 0) throw shopError('NOT_SHIPPABLE');
    return quotes;
  },
} satisfies Action<ShippingService>;
