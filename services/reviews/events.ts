/** What reviews reads of others' events: whoever has paid and is sent the goods has bought them. */
import type { Versions } from 'moleculer-durable-events';

export interface OrderConfirmed {
  readonly customerId: string;
  readonly items: readonly { readonly productId: string }[];
}

export const orderConfirmed: Versions = {
  1: {
    type: 'object',
    required: ['customerId', 'items'],
    properties: {
      customerId: { type: 'string' },
      items: {
        type: 'array',
        items: { type: 'object', required: ['productId'], properties: { productId: { type: 'string' } } },
      },
    },
  },
};
