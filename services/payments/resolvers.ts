import { fromAction, type ResolverContext } from 'moleculer-federation';
import type { Payment } from './payment-store.ts';

export const resolvers = {
  Query: {
    paymentTotals: (_: unknown, __: object, { ctx }: ResolverContext) => ctx.call('payments.totals', {}),
  },
  Payment: {
    status: ({ status }: Payment) => status.toUpperCase(),
    updatedAt: ({ updatedAt }: Payment) => new Date(updatedAt).toISOString(),
  },
};

export const references = { Order: fromAction('payments.byOrders', { orderIds: 'id' }) };
