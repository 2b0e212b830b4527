import { describe, expect, test } from '@jest/globals';
import { advance, begin, type SagaRecord } from 'moleculer-durable-events';
import { euros } from '../common/money.ts';
import { type Cancel, type FulfilmentOrder, orderFulfilment } from './order-fulfilment.saga.ts';

const order: FulfilmentOrder = {
  ...{ orderId: 'o1', customerId: 'u1', items: [{ productId: 'a', quantity: 2 }], total: euros(300) },
  ...{ paymentToken: 'tok_visa', stepTimeout: 15_000 },
};
type Input = Parameters<typeof orderFulfilment.decide>[1];

const replied = (command: string, result: unknown = null): Input => ({ type: 'replied', command, result });
const refused = (command: string, code: string): Input => ({
  ...{ type: 'failed', command, error: { code, message: `${code}!` }, certain: true },
});
/** After an attempt without an answer. */
const refusedLate = (command: string, code: string): Input => ({
  ...{ type: 'failed', command, error: { code, message: `${code}!` }, certain: false },
});
const overdue: Input = { type: 'timer', name: 'overdue' };
const cancel: Input = { type: 'event', event: { type: 'cancel' } satisfies Cancel };

const reserved = replied('reserve');
const authorized = replied('authorize');
const captured = replied('capture');
const shipped = replied('ship', { trackingNumber: 'SH1' });
const undone = (...names: string[]) => names.map((name) => replied(name));

const given = (...inputs: readonly Input[]): SagaRecord =>
  inputs.reduce(
    (record, input) => advance(orderFulfilment, record, input, 0),
    begin(orderFulfilment, 'o1', order, { source: '/orders' }, 0),
  );
const sent = ({ pending }: SagaRecord) => pending.map(({ name }) => name);
/** The commands of a whole life, in their order. */
const story = ({ journal }: SagaRecord) =>
  journal.flatMap(({ what }) => (what.startsWith('sent ') ? [what.slice(5)] : []));
const settlement = ({ pending }: SagaRecord) => pending.find(({ name }) => name.startsWith('settle'))?.params;

describe('an order goes from step to step', () => {
  test.each<[string, Input[], string]>([
    ['it is placed', [], 'reserve'],
    ['stock is reserved', [reserved], 'authorize'],
    ['the payment is authorized', [reserved, authorized], 'capture'],
    ['the payment is captured', [reserved, authorized, captured], 'ship'],
    ['the parcel is made', [reserved, authorized, captured, shipped], 'sell'],
    ['the stock is sold', [reserved, authorized, captured, shipped, replied('sell')], 'settle'],
  ])('after %s comes the next', (_, inputs, command) => {
    expect(sent(given(...inputs))).toEqual([command]);
  });

  test('to its end, confirmed, with no timer left', () => {
    const inputs = [reserved, authorized, captured, shipped, replied('sell')];
    expect(settlement(given(...inputs))).toEqual({ orderId: 'o1', trackingNumber: 'SH1' });
    expect(given(...inputs, replied('settle'))).toMatchObject({
      ...{ status: 'done', outcome: 'confirmed', pending: [], timers: [] },
    });
  });
});

describe('whatever stops an order undoes what was done, backwards', () => {
  test.each<[string, Input[], string[], string]>([
    ['no stock', [refused('reserve', 'OUT_OF_STOCK')], [], 'OUT_OF_STOCK'],
    ['a decline', [reserved, refused('authorize', 'PAYMENT_DECLINED')], ['release'], 'PAYMENT_DECLINED'],
    [
      'a shipment that fails',
      [reserved, authorized, captured, refused('ship', 'NOT_SHIPPABLE')],
      ['refund', 'release'],
      'NOT_SHIPPABLE',
    ],
    ['an inventory that hangs', [overdue], ['release'], 'ORDER_OVERDUE'],
    ['a provider that hangs', [reserved, overdue], ['void', 'release'], 'ORDER_OVERDUE'],
    ['a capture that hangs', [reserved, authorized, overdue], ['refund', 'release'], 'ORDER_OVERDUE'],
    [
      'a carrier that hangs',
      [reserved, authorized, captured, overdue],
      ['cancelShipment', 'refund', 'release'],
      'ORDER_OVERDUE',
    ],
    [
      'a refusal after an attempt without an answer, for who knows what that one did',
      [reserved, refusedLate('authorize', 'PAYMENT_DECLINED')],
      ['void', 'release'],
      'PAYMENT_DECLINED',
    ],
    ['its customer, at once', [cancel], ['release'], 'CUSTOMER_CANCELLED'],
    ['its customer, during the payment', [reserved, cancel], ['void', 'release'], 'CUSTOMER_CANCELLED'],
    [
      'its customer, before the parcel is made',
      [reserved, authorized, captured, cancel],
      ['cancelShipment', 'refund', 'release'],
      'CUSTOMER_CANCELLED',
    ],
  ])('%s', (_, inputs, compensations, code) => {
    const record = given(...inputs, ...undone(...compensations));
    const before = story(given(...inputs.slice(0, -1)));
    expect(story(record).slice(before.length)).toEqual([...compensations, 'settle']);
    expect(settlement(record)).toMatchObject({ orderId: 'o1', reason: { code }, refunded: false });
    expect(advance(orderFulfilment, record, replied('settle'), 0)).toMatchObject({
      ...{ status: 'done', outcome: 'cancelled', timers: [] },
    });
  });
});

test('only the payments know whether there was anything to pay back', () => {
  const refund = (refunded: boolean) =>
    settlement(given(reserved, authorized, overdue, replied('refund', { refunded }), ...undone('release')));
  expect(refund(true)).toMatchObject({ refunded: true });
  expect(refund(false)).toMatchObject({ refunded: false });
});

test('a reply that comes after its step was given up changes nothing', () => {
  const record = given(reserved, overdue, authorized);
  expect(sent(record)).toEqual(['void']);
  expect(given(reserved, overdue, ...undone('void', 'release'), authorized, replied('settle'))).toMatchObject(
    {
      ...{ status: 'done', outcome: 'cancelled' },
    },
  );
});

test('a cancellation is heard once, and not at all when the parcel is made', () => {
  expect(sent(given(reserved, cancel, cancel))).toEqual(['void']);
  expect(sent(given(reserved, authorized, captured, shipped, cancel))).toEqual(['sell']);
});

test('past the point of no return nothing limits the attempts, and no timer runs', () => {
  const selling = given(reserved, authorized, captured, shipped);
  expect(selling).toMatchObject({ pending: [{ name: 'sell' }], timers: [] });
  expect(selling.pending[0]).not.toHaveProperty('attempts');
});

test('stock that was released under a shipped order is a fault, and visible', () => {
  const record = given(reserved, authorized, captured, shipped, refused('sell', 'RESERVATION_RELEASED'));
  expect(record).toMatchObject({ status: 'stuck', reason: { code: 'SAGA_FAULT' } });
});
