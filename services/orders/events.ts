/**
 * What orders tells the mesh, under one name in two ways: as a Moleculer event, for caches and counters, which a listener
 * that is away misses; and as a durable event, which reaches every group for certain.
 */
import { defineEvent } from 'moleculer-durable-events';
import type { Money } from '../common/money.ts';
import type { Order, OrderedItem } from './order.ts';

export interface OrderPlaced {
  readonly orderId: string;
  readonly customerId: string;
  readonly items: readonly OrderedItem[];
  readonly total: Money;
  /** Epoch ms. */
  readonly placedAt: number;
}

export const ORDER_PLACED = 'order.placed';

export const orderPlacedEvent = defineEvent<OrderPlaced>({
  type: ORDER_PLACED,
  version: 1,
  key: ({ orderId }) => orderId,
  schema: {
    type: 'object',
    required: ['orderId', 'customerId', 'items', 'total', 'placedAt'],
    properties: {
      orderId: { type: 'string', minLength: 1 },
      customerId: { type: 'string', minLength: 1 },
      items: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['productId', 'quantity'],
          properties: { productId: { type: 'string' }, quantity: { type: 'integer', minimum: 1 } },
        },
      },
      total: {
        type: 'object',
        required: ['amount', 'currency'],
        properties: { amount: { type: 'integer' }, currency: { type: 'string' } },
      },
      placedAt: { type: 'integer' },
    },
  },
});

export function orderPlaced({ id, customerId, lines, total, createdAt }: Order): OrderPlaced {
  const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
  return { orderId: id, customerId, items, total, placedAt: createdAt };
}
