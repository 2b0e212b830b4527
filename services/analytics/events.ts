/** What analytics reads of others' events. */
import type { Schema, Versions } from 'moleculer-durable-events';
import type { Money } from '../common/money.ts';
import type { Fact, OrderedItems } from './sales.ts';

interface UserRegistered {
  readonly userId: string;
}

interface OrderConfirmed {
  readonly customerId: string;
  readonly items: OrderedItems;
  readonly total: Money;
  readonly confirmedAt: number;
}

interface OrderCancelled {
  readonly total: Money;
  readonly reasonCode: string;
  readonly refunded?: boolean;
}

export interface Source {
  readonly versions: Versions;
  /** @param payload of one of these versions. */
  toFact(payload: unknown): Fact;
}

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const total: Schema = { type: 'object', required: ['amount'], properties: { amount: integer } };
const items: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['productId', 'quantity'],
    properties: { productId: text, quantity: integer },
  },
};
const objectOf = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

/** Type and schema of a payload belong together: this is the one place that says so. */
function source<Payload>(schema: Schema, toFact: (payload: Payload) => Fact): Source {
  return { versions: { 1: schema }, toFact: (payload) => toFact(payload as Payload) };
}

/** By event type. What is in here is also what a rebuild replays. */
export const sources: Readonly<Record<string, Source>> = {
  'user.registered': source<UserRegistered>(objectOf({ userId: text }), ({ userId }) => ({
    ...{ kind: 'registration', userId },
  })),
  'order.placed': source(objectOf({}), () => ({ kind: 'placed' })),
  'order.confirmed': source<OrderConfirmed>(
    objectOf({ customerId: text, items, total, confirmedAt: integer }),
    ({ customerId, items, total, confirmedAt }) => ({
      ...{ kind: 'sale', customerId, items, amount: total.amount, at: confirmedAt },
    }),
  ),
  'order.shipped': source(objectOf({}), () => ({ kind: 'shipped' })),
  'order.cancelled': source<OrderCancelled>(
    objectOf({ total, reasonCode: text }),
    ({ total, reasonCode, refunded = false }) => ({
      ...{ kind: 'cancellation', reason: reasonCode, refunded: refunded ? total.amount : null },
    }),
  ),
};
