import { expect, test } from '@jest/globals';
import { euros } from '../common/money.ts';
import { draftOrder } from './order.ts';

const head = { id: 'o1', customerId: 'u1', createdAt: 7 };
const products = [
  { id: 'a', price: euros(150) },
  { id: 'b', price: euros(99) },
];

test('a draft has the items’ order, the products’ prices and their sum', () => {
  const items = [
    { productId: 'b', quantity: 1 },
    { productId: 'a', quantity: 2 },
  ];
  expect(draftOrder(head, items, products)).toEqual({
    kind: 'order',
    order: {
      ...head,
      lines: [
        { productId: 'b', quantity: 1, unitPrice: euros(99) },
        { productId: 'a', quantity: 2, unitPrice: euros(150) },
      ],
      total: euros(399),
      ...{ status: 'PENDING', reason: null, settledAt: null },
    },
  });
});

test('an unknown product and one named twice are told by name', () => {
  const item = { productId: 'a', quantity: 1 };
  expect(draftOrder(head, [item, { productId: 'c', quantity: 1 }], products)).toEqual({
    kind: 'unknown product',
    productId: 'c',
  });
  expect(draftOrder(head, [item, item], products)).toEqual({ kind: 'product twice', productId: 'a' });
});
