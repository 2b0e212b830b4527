import type { Money } from '../common/money.ts';

/** One way of shipping and what it takes. */
export interface Rate {
  readonly method: string;
  /** Grams, inclusive. */
  readonly maxWeight: number;
  /** Minor units. */
  readonly price: number;
  /** Working days until it arrives. */
  readonly days: number;
  /** A parcel worth as much (minor units) ships free; null for never. */
  readonly freeFrom: number | null;
}

export interface Parcel {
  /** Grams. */
  readonly weight: number;
  /** Minor units. */
  readonly value: number;
}

export interface Quote {
  readonly method: string;
  readonly price: Money;
  readonly days: number;
}

/** One quote for each method that takes the parcel, by the lightest class it fits in; cheapest first, then fastest. */
export function quotesFor({ weight, value }: Parcel, rates: readonly Rate[], currency: string): Quote[] {
  const fitting = new Map<string, Rate>();
  for (const rate of rates) {
    const known = fitting.get(rate.method);
    if (weight <= rate.maxWeight && (!known || rate.maxWeight < known.maxWeight))
      fitting.set(rate.method, rate);
  }
  return [...fitting.values()]
    .map(({ method, price, days, freeFrom }) => ({
      method,
      price: { amount: freeFrom !== null && value >= freeFrom ? 0 : price, currency },
      days,
    }))
    .sort((a, b) => a.price.amount - b.price.amount || a.days - b.days || (a.method < b.method ? -1 : 1));
}
