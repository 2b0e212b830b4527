import { expect, test } from '@jest/globals';
import { type Books, type PlacedOrder, reconcile } from './reconcile.ts';

const books = (stock: readonly [number, number, number], captured: number, refunded: number): Books => ({
  stockTotals: { available: stock[0], reserved: stock[1], sold: stock[2] },
  paymentTotals: { captured: { amount: captured }, refunded: { amount: refunded } },
});
const order = (status: string, payment: string, quantity: number, amount: number): PlacedOrder => ({
  ...{ id: 'o', status, total: { amount }, lines: [{ quantity }], payment: { status: payment } },
});
const wrong = (after: Books, orders: readonly PlacedOrder[]) =>
  reconcile(books([10, 0, 0], 0, 0), after, orders)
    .filter(({ expected, found }) => expected !== found)
    .map(({ what }) => what);

test('books that agree with the orders pass every check', () => {
  const orders = [order('CONFIRMED', 'CAPTURED', 2, 500), order('CANCELLED', 'REFUNDED', 1, 300)];
  expect(wrong(books([8, 0, 2], 800, 300), orders)).toEqual([]);
});

test.each<[string, Books, PlacedOrder[]]>([
  ['orders that are not final', books([9, 0, 1], 0, 0), [order('PENDING', 'AUTHORIZED', 1, 100)]],
  [
    'orders confirmed and not paid, or cancelled and paid',
    books([10, 0, 0], 0, 0),
    [order('CANCELLED', 'CAPTURED', 1, 1)],
  ],
  ['money captured and not refunded (cents) = confirmed orders', books([10, 0, 0], 100, 0), []],
  ['pieces sold = confirmed orders', books([9, 0, 1], 0, 0), []],
  ['pieces reserved', books([9, 1, 0], 0, 0), []],
  ['stock + reserved + sold = initial', books([9, 0, 0], 0, 0), []],
])('%s: told', (what, after, orders) => {
  expect(wrong(after, orders)).toContain(what);
});
