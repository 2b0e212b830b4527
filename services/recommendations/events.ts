/** What recommendations reads of others' events. */
import type { Versions } from 'moleculer-durable-events';

export interface OrderConfirmed {
  readonly items: readonly { readonly productId: string }[];
}

export const orderConfirmed: Versions = {
  1: {
    type: 'object',
    required: ['items'],
    properties: {
      items: {
        type: 'array',
        items: { type: 'object', required: ['productId'], properties: { productId: { type: 'string' } } },
      },
    },
  },
};
