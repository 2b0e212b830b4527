import type { ResolverContext } from 'moleculer-federation';
import type { Report } from './sales.ts';

export const resolvers = {
  Query: {
    analytics: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('analytics.report', args),
  },
  HourlySales: {
    hour: ({ hour }: Report['salesPerHour'][number]) => new Date(hour).toISOString(),
  },
  ProductSales: {
    product: ({ productId }: Report['topProducts'][number]) => ({ id: productId }),
  },
};
