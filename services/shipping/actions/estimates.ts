import type { Context } from 'moleculer';
import type { Money } from '../../common/money.ts';
import { CURRENCY } from '../../common/money.ts';
import { idParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { type Parcel, quotesFor } from '../quote.ts';
import type { ShippingService } from '../shipping.service.ts';

interface Params {
  readonly parcels: readonly (Parcel & { readonly id: string })[];
}

/** The cheapest way for one parcel. */
export interface Estimate {
  readonly id: string;
  /** Null when no way of shipping takes it. */
  readonly shippingEstimate: Money | null;
}

const amount = { type: 'number', integer: true, min: 0, max: 2 ** 31 - 1 } as const;

/** One Estimate for each parcel, in their order. */
export const estimates = {
  idempotent: true,
  params: {
    parcels: {
      type: 'array',
      max: 10_000,
      items: { type: 'object', strict: true, props: { id: idParam, weight: amount, value: amount } },
    },
    $$strict: true,
  },
  async handler(this: ShippingService, ctx: Context<Params>): Promise<Estimate[]> {
    const rates = await this.store.rates.all();
    return ctx.params.parcels.map(({ id, weight, value }) => ({
      id,
      shippingEstimate: quotesFor({ weight, value }, rates, CURRENCY)[0]?.price ?? null,
    }));
  },
} satisfies Action<ShippingService>;
