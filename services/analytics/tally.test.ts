import { expect, test } from '@jest/globals';
import type { Fact } from './sales.ts';
import { tally } from './tally.ts';

const sale = (customerId: string, at: number, ...products: string[]): Fact => ({
  ...{ kind: 'sale', customerId, at, amount: 150 },
  items: products.map((productId, index) => ({ productId, quantity: index + 1 })),
});

test('facts of one hour, product, customer, step or reason are one row, rows in the order of their keys', () => {
  const facts: Fact[] = [
    sale('u2', 3_600_001, 'p2', 'p1'),
    sale('u1', 3_600_002, 'p2'),
    sale('u2', 7_200_000, 'p2'),
    { kind: 'registration', userId: 'u2' },
    { kind: 'shipped' },
    { kind: 'placed' },
    { kind: 'placed' },
    { kind: 'cancellation', reason: 'B', refunded: 70 },
    { kind: 'cancellation', reason: 'A', refunded: null },
    { kind: 'cancellation', reason: 'B', refunded: null },
  ];
  expect(tally(facts)).toEqual({
    hours: [
      { hour: 3_600_000, orders: 2, revenue: 300 },
      { hour: 7_200_000, orders: 1, revenue: 150 },
    ],
    products: [
      { product_id: 'p1', pieces: 2, orders: 1 },
      { product_id: 'p2', pieces: 3, orders: 3 },
    ],
    customers: [
      { user_id: 'u1', registered: 0, orders: 1 },
      { user_id: 'u2', registered: 1, orders: 2 },
    ],
    steps: [
      { step: 'placed', orders: 2 },
      { step: 'shipped', orders: 1 },
    ],
    cancellations: [
      { reason: 'A', orders: 1, refunds: 0, refunded: 0 },
      { reason: 'B', orders: 2, refunds: 1, refunded: 70 },
    ],
  });
  expect(Object.values(tally([])).flat()).toEqual([]);
});
