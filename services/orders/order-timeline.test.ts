import { expect, test } from '@jest/globals';
import type { SagaRecord } from 'moleculer-durable-events';
import { euros } from '../common/money.ts';
import type { Order } from './order.ts';
import { timelineOf } from './order-timeline.ts';

const order: Order = {
  ...{ id: 'o1', customerId: 'u1', lines: [], total: euros(1), createdAt: 1 },
  ...{ status: 'PENDING', reason: null, settledAt: null },
};
const journal = (...whats: string[]) =>
  ({ journal: whats.map((what, index) => ({ at: 2 + index, what })) }) as unknown as SagaRecord;

test('a timeline has what happened in its order, and none of the commands', () => {
  const fulfilment = journal('started', 'sent reserve', 'replied reserve', 'sent authorize');
  expect(timelineOf(order, fulfilment)).toEqual([
    { at: 1, what: 'PLACED', detail: null },
    { at: 4, what: 'STOCK_RESERVED', detail: null },
  ]);
});

test('it says what was refused and why the order was cancelled, and ends there', () => {
  const reason = { code: 'PAYMENT_DECLINED', message: 'The payment was declined.' };
  const cancelled: Order = { ...order, status: 'CANCELLED', reason, settledAt: 9 };
  const fulfilment = journal('failed authorize: PAYMENT_DECLINED', 'sent settle', 'replied capture');
  expect(timelineOf(cancelled, fulfilment)).toEqual([
    { at: 1, what: 'PLACED', detail: null },
    { at: 2, what: 'STEP_REFUSED', detail: 'authorize: PAYMENT_DECLINED' },
    { at: 9, what: 'CANCELLED', detail: 'The payment was declined.' },
  ]);
});

test('an order of before there were fulfilments has a beginning and an end', () => {
  const old: Order = { ...order, status: 'CONFIRMED' };
  expect(timelineOf(old, undefined).map(({ what }) => what)).toEqual(['PLACED', 'CONFIRMED']);
});
