/** An amount in the currency's minor unit (cents), so that sums are exact. The shop has one currency. */
export interface Money {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

export const CURRENCY = 'EUR';

/** 10,000.00 EUR. With at most 20 lines of 99 pieces, any order's total then fits GraphQL's 32-bit Int. */
export const MAX_PRICE = 1_000_000;

export const euros = (amount: number): Money => ({ amount, currency: CURRENCY });
