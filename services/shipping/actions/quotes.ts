import type { Context } from 'moleculer';
import { CURRENCY } from '../../common/money.ts';
import type { Action } from '../../common/service.ts';
import { type Parcel, type Quote, quotesFor } from '../quote.ts';
import type { ShippingService } from '../shipping.service.ts';

const amount = { type: 'number', integer: true, min: 0, max: 2 ** 31 - 1 } as const;

/** The ways of shipping a parcel, cheapest first; none when it is too heavy for all of them. */
export const quotes = {
  idempotent: true,
  params: { weight: amount, value: amount, $$strict: true },
  async handler(this: ShippingService, ctx: Context<Parcel>): Promise<Quote[]> {
    return quotesFor(ctx.params, await this.store.rates.all(), CURRENCY);
  },
} satisfies Action<ShippingService>;
