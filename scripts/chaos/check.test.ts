import { expect, test } from '@jest/globals';
import { check } from './check.ts';
import type { Answer, FinalOrder, Observed, Operation } from './history.ts';

const items = [{ productId: 'p1', quantity: 2 }];
const told = (id: string): Answer => ({ kind: 'order', id });
const refused = (code: string): Answer => ({ kind: 'refused', code });

const operation = (kind: Operation['kind'], answer: Answer, more: Partial<Operation> = {}): Operation => ({
  ...{ order: 1, kind, customer: 'u2', key: 'k1', items, paymentToken: 'tok_visa' },
  ...{ startedAt: 0, endedAt: 5, failures: [], answer, ...more },
});
const confirmed: FinalOrder = {
  ...{ id: 'o1', customer: 'u2', status: 'CONFIRMED', reason: null, items, total: 500 },
  payment: { status: 'CAPTURED', amount: 500 },
  timeline: ['PLACED', 'STOCK_RESERVED', 'PAYMENT_AUTHORIZED', 'PAYMENT_CAPTURED', 'SHIPPED', 'CONFIRMED'],
};
const cancelled: FinalOrder = {
  ...{ ...confirmed, status: 'CANCELLED', reason: 'CUSTOMER_CANCELLED', timeline: ['PLACED', 'CANCELLED'] },
  payment: { status: 'REFUNDED', amount: 500 },
};
const found = (history: Operation[], orders: FinalOrder[], available = 10): unknown =>
  check({ history, orders, stock: new Map([['p1', available]]) } satisfies Observed).map(({ kind }) => kind);

const placed = operation('place', told('o1'));

test('good histories have nothing to say against them', () => {
  expect(found([placed], [confirmed])).toEqual([]);
  expect(found([placed, operation('repeat', told('o1'))], [confirmed])).toEqual([]);
  expect(found([placed, operation('conflict', refused('IDEMPOTENCY_CONFLICT'))], [confirmed])).toEqual([]);
  expect(found([placed, operation('cancel', told('o1'))], [cancelled])).toEqual([]);
  expect(found([placed, operation('cancel', refused('ORDER_SHIPPED'))], [confirmed])).toEqual([]);
  expect(found([operation('place', refused('OUT_OF_STOCK'))], [])).toEqual([]);
});

test.each<[string, Operation[], FinalOrder[], string]>([
  ['an acknowledged order that is not there', [placed], [], 'lost'],
  [
    'two orders that one key was told of',
    [placed, operation('repeat', told('o2'))],
    [confirmed, { ...confirmed, id: 'o2' }],
    'doubled',
  ],
  ['an order nobody was told of', [placed], [confirmed, { ...confirmed, id: 'o2' }], 'doubled'],
  [
    'an order that a client was refused',
    [operation('place', refused('OUT_OF_STOCK'))],
    [confirmed],
    'doubled',
  ],
  [
    'an order with other items',
    [placed],
    [{ ...confirmed, items: [{ productId: 'p1', quantity: 1 }] }],
    'wrong order',
  ],
  ["somebody else's order", [placed], [{ ...confirmed, customer: 'u3' }], 'wrong order'],
  [
    'two captures',
    [placed],
    [{ ...confirmed, timeline: [...confirmed.timeline, 'PAYMENT_CAPTURED'] }],
    'charged twice',
  ],
  [
    'more money than it cost',
    [placed],
    [{ ...confirmed, payment: { status: 'CAPTURED', amount: 1_000 } }],
    'charged twice',
  ],
  ['an order that is pending', [placed], [{ ...confirmed, status: 'PENDING' }], 'stuck'],
  [
    'confirmed and not paid',
    [placed],
    [{ ...confirmed, payment: { status: 'AUTHORIZED', amount: 500 } }],
    'wrong end',
  ],
  [
    'cancelled and paid',
    [placed],
    [{ ...cancelled, payment: { status: 'CAPTURED', amount: 500 } }],
    'wrong end',
  ],
  [
    'confirmed though its customer was told it is cancelled',
    [placed, operation('cancel', told('o1'))],
    [confirmed],
    'wrong end',
  ],
  [
    'cancelled though its customer was told it is too late',
    [placed, operation('cancel', refused('ORDER_SHIPPED'))],
    [cancelled],
    'wrong end',
  ],
  [
    'confirmed though its payment declines',
    [operation('place', told('o1'), { paymentToken: 'tok_declined' })],
    [confirmed],
    'wrong end',
  ],
  [
    'a key taken for another body',
    [placed, operation('conflict', told('o1'))],
    [confirmed],
    'conflict not refused',
  ],
  ['a client without an answer', [operation('place', { kind: 'none' })], [], 'unanswered'],
  [
    'a product that is said not to be',
    [operation('place', refused('PRODUCT_NOT_FOUND'))],
    [],
    'wrong refusal',
  ],
])('%s', (_, history, orders, kind) => {
  expect(found(history, orders)).toEqual([kind]);
});

test('more sold than there was', () => {
  expect(found([placed], [confirmed], 2)).toEqual([]);
  expect(found([placed], [confirmed], 1)).toEqual(['oversold']);
});
