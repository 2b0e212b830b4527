/** What products tells the mesh, fire-and-forget: a listener that is away misses it; and what it reads of others' events. */
import type { Versions } from 'moleculer-durable-events';
import type { Money } from '../common/money.ts';

export interface ProductPriceChanged {
  readonly productId: string;
  readonly oldPrice: Money;
  readonly newPrice: Money;
  /** Epoch ms. */
  readonly changedAt: number;
}

export const PRODUCT_PRICE_CHANGED = 'product.priceChanged';

/** Sold is what is paid for and sent off: an order that is declined or cancelled sells nothing. */
export interface OrderConfirmed {
  readonly orderId: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

export const orderConfirmed: Versions = {
  1: {
    type: 'object',
    required: ['orderId', 'items'],
    properties: {
      orderId: { type: 'string' },
      items: {
        type: 'array',
        items: {
          type: 'object',
          required: ['productId', 'quantity'],
          properties: { productId: { type: 'string' }, quantity: { type: 'integer' } },
        },
      },
    },
  },
};
