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

const placedSchema = {
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
};

export const orderPlacedEvent = defineEvent<OrderPlaced>({
  type: ORDER_PLACED,
  version: 1,
  key: ({ orderId }) => orderId,
  schema: placedSchema,
});

/** The customer has paid, and the parcel is made. */
export interface OrderConfirmed extends OrderPlaced {
  /** Epoch ms. */
  readonly confirmedAt: number;
}

export interface OrderShipped {
  readonly orderId: string;
  readonly customerId: string;
  readonly trackingNumber: string;
  /** Epoch ms. */
  readonly shippedAt: number;
}

/** Nothing is left of it: no stock is reserved, no money is held or kept. */
export interface OrderCancelled extends OrderPlaced {
  /** For people. */
  readonly reason: string;
  /** To build on: see `OrderReason` in the schema. */
  readonly reasonCode: string;
  /** Was the total taken, and paid back? Events of before this was told leave it out. */
  readonly refunded?: boolean;
  /** Epoch ms. */
  readonly cancelledAt: number;
}

export const ORDER_CONFIRMED = 'order.confirmed';
export const ORDER_SHIPPED = 'order.shipped';
export const ORDER_CANCELLED = 'order.cancelled';

const time = { type: 'integer' };
const text = { type: 'string', minLength: 1 };

/** The placed order, and more. */
const withPlaced = (more: Readonly<Record<string, object>>) => ({
  ...placedSchema,
  required: [...placedSchema.required, ...Object.keys(more)],
  properties: { ...placedSchema.properties, ...more },
});

const optional = (schema: ReturnType<typeof withPlaced>, more: Readonly<Record<string, object>>) => ({
  ...schema,
  properties: { ...schema.properties, ...more },
});

export const orderConfirmedEvent = defineEvent<OrderConfirmed>({
  ...{ type: ORDER_CONFIRMED, version: 1, key: ({ orderId }) => orderId },
  schema: withPlaced({ confirmedAt: time }),
});

export const orderShippedEvent = defineEvent<OrderShipped>({
  ...{ type: ORDER_SHIPPED, version: 1, key: ({ orderId }) => orderId },
  schema: {
    type: 'object',
    required: ['orderId', 'customerId', 'trackingNumber', 'shippedAt'],
    properties: { orderId: text, customerId: text, trackingNumber: text, shippedAt: time },
  },
});

export const orderCancelledEvent = defineEvent<OrderCancelled>({
  ...{ type: ORDER_CANCELLED, version: 1, key: ({ orderId }) => orderId },
  schema: optional(
    withPlaced({ cancelledAt: time, reason: { type: 'string' }, reasonCode: text }),
    // Added later, and still version 1: a listener of before reads these events as well as ever.
    { refunded: { type: 'boolean' } },
  ),
});

export function orderPlaced({ id, customerId, lines, total, createdAt }: Order): OrderPlaced {
  const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
  return { orderId: id, customerId, items, total, placedAt: createdAt };
}
