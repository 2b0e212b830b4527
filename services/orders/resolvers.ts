import { fromAction, type ResolverContext } from 'moleculer-federation';
import type { PageArgs } from '../common/connection.ts';
import { shopError } from '../common/errors.ts';
import { maySee } from '../common/identity.ts';
import type { OrderTimeline } from './actions/timelines.ts';
import type { Order, OrderLine } from './order.ts';
import type { TimelineEntry } from './order-timeline.ts';

export const resolvers = {
  Query: {
    order: (_: unknown, { id }: { id: string }, { ctx, load }: ResolverContext) => {
      if (!ctx.meta.user) throw shopError('UNAUTHENTICATED');
      return load<Order>('orders.byIds', { ids: 'id' }, id);
    },
  },
  Mutation: {
    placeOrder: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('orders.place', args),
    cancelOrder: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('orders.cancel', args),
    setFaults: (_: unknown, { service, ...faults }: { service: string }, { ctx }: ResolverContext) =>
      ctx.call(`${service.toLowerCase()}.setFaults`, faults),
  },
  User: {
    // Null rather than an error: a list of reviewers with their orders is a harmless question with few answers.
    orders: ({ id }: { id: string }, args: PageArgs, { ctx }: ResolverContext) =>
      maySee({ ...(ctx.meta.user && { user: ctx.meta.user }) }, id)
        ? ctx.call('orders.list', { customerId: id, ...args })
        : null,
  },
  Order: {
    customer: ({ customerId }: Order) => ({ id: customerId }),
    placedAt: ({ createdAt }: Order) => new Date(createdAt).toISOString(),
    timeline: async ({ id }: Order, _: object, { load }: ResolverContext) =>
      (await load<OrderTimeline>('orders.timelines', { ids: 'id' }, id))?.timeline ?? [],
  },
  TimelineEntry: {
    at: ({ at }: TimelineEntry) => new Date(at).toISOString(),
  },
  OrderLine: {
    product: ({ productId }: OrderLine) => ({ id: productId }),
  },
};

export const references = { Order: fromAction('orders.byIds', { ids: 'id' }) };
