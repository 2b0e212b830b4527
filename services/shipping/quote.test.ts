import { expect, test } from '@jest/globals';
import { quotesFor, type Rate } from './quote.ts';

const rate = (method: string, maxWeight: number, price: number, fields: Partial<Rate> = {}): Rate => ({
  ...{ method, maxWeight, price, days: 3, freeFrom: null },
  ...fields,
});
const quote = (method: string, amount: number, days = 3) => ({
  method,
  price: { amount, currency: 'EUR' },
  days,
});
const quotes = (weight: number, rates: readonly Rate[], value = 0) =>
  quotesFor({ weight, value }, rates, 'EUR');

test('each method quotes its lightest class that takes the parcel, in whatever order the rates come', () => {
  const rates = [rate('Post', 10_000, 800), rate('Post', 2_000, 500), rate('Post', 30_000, 1_500)];
  expect(quotes(2_000, rates)).toEqual([quote('Post', 500)]);
  expect(quotes(2_001, rates)).toEqual([quote('Post', 800)]);
  expect(quotes(30_000, rates.toReversed())).toEqual([quote('Post', 1_500)]);
  expect(quotes(30_001, rates)).toEqual([]);
});

test('the cheapest comes first, of equals the fastest', () => {
  const rates = [rate('Slow', 1, 500, { days: 5 }), rate('Dear', 1, 900, { days: 1 }), rate('Fast', 1, 500)];
  expect(quotes(1, rates).map(({ method }) => method)).toEqual(['Fast', 'Slow', 'Dear']);
});

test('a parcel of enough value ships free, a cent less does not', () => {
  const rates = [rate('Post', 1, 500, { freeFrom: 10_000 })];
  expect(quotes(1, rates, 10_000)).toEqual([quote('Post', 0)]);
  expect(quotes(1, rates, 9_999)).toEqual([quote('Post', 500)]);
});
