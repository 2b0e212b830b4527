/** What loyalty reads of others' events. */
import type { Versions } from 'moleculer-durable-events';
import type { Money } from '../common/money.ts';

export interface UserRegistered {
  readonly userId: string;
  readonly registeredAt: number;
}

export const userRegistered: Versions = {
  1: {
    type: 'object',
    required: ['userId', 'registeredAt'],
    properties: { userId: { type: 'string' }, registeredAt: { type: 'integer' } },
  },
};

export interface OrderConfirmed {
  readonly orderId: string;
  readonly customerId: string;
  readonly total: Money;
  readonly confirmedAt: number;
}

export const orderConfirmed: Versions = {
  1: {
    type: 'object',
    required: ['orderId', 'customerId', 'total', 'confirmedAt'],
    properties: {
      orderId: { type: 'string' },
      customerId: { type: 'string' },
      total: { type: 'object', required: ['amount'], properties: { amount: { type: 'integer' } } },
      confirmedAt: { type: 'integer' },
    },
  },
};

export interface OrderCancelled {
  readonly orderId: string;
}

export const orderCancelled: Versions = {
  1: { type: 'object', required: ['orderId'], properties: { orderId: { type: 'string' } } },
};
