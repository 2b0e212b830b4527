/** What analytics reads of others' events. */
import type { Versions } from 'moleculer-durable-events';
import type { Money } from '../common/money.ts';
import type { Fact, Sale } from './sales.ts';

export interface UserRegistered {
  readonly userId: string;
}

export interface OrderPlaced {
  readonly customerId: string;
  readonly items: Sale['items'];
  readonly total: Money;
  readonly placedAt: number;
}

interface Source<Payload> {
  readonly versions: Versions;
  toFact(payload: Payload): Fact;
}

const userRegistered: Source<UserRegistered> = {
  versions: {
    1: { type: 'object', required: ['userId'], properties: { userId: { type: 'string' } } },
  },
  toFact: ({ userId }) => ({ kind: 'registration', userId }),
};

const orderPlaced: Source<OrderPlaced> = {
  versions: {
    1: {
      type: 'object',
      required: ['customerId', 'items', 'total', 'placedAt'],
      properties: {
        customerId: { type: 'string' },
        items: {
          type: 'array',
          items: {
            type: 'object',
            required: ['productId', 'quantity'],
            properties: { productId: { type: 'string' }, quantity: { type: 'integer' } },
          },
        },
        total: { type: 'object', required: ['amount'], properties: { amount: { type: 'integer' } } },
        placedAt: { type: 'integer' },
      },
    },
  },
  toFact: ({ customerId, items, total, placedAt }) => ({
    ...{ kind: 'sale', customerId, items, amount: total.amount, at: placedAt },
  }),
};

/** By event type. What is in here is also what a rebuild replays. */
export const sources = { 'user.registered': userRegistered, 'order.placed': orderPlaced } as const;
