import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import { CURRENCY } from '../../common/money.ts';
import { exactKey, itemsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { type Cart, parcelOf } from '../parcel-of.ts';
import { type Quote, quotesFor } from '../quote.ts';
import type { ShippingService } from '../shipping.service.ts';

/** The ways of shipping a whole cart as one parcel, cheapest first. */
export const cartQuotes = {
  idempotent: true,
  params: { items: itemsParam, $$strict: true },
  // Depends on prices (free shipping): cleaned when one changes, and short-lived in case that event is lost.
  cache: { keygen: exactKey, ttl: 30 },
  /** @throws PRODUCT_NOT_FOUND, NOT_SHIPPABLE */
  async handler(this: ShippingService, ctx: Context<Cart>): Promise<Quote[]> {
    const parcel = await parcelOf(ctx);
    const quotes = quotesFor(parcel, await this.store.rates.all(), CURRENCY);
    if (quotes.length === 0) throw shopError('NOT_SHIPPABLE');
    return quotes;
  },
} satisfies Action<ShippingService>;
