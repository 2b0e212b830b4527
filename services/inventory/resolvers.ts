import { fromAction, type ResolverContext } from 'moleculer-federation';
import type { Stock } from './stock.ts';

export const resolvers = {
  Product: {
    inStock: ({ available }: Stock) => available > 0,
  },
  Query: {
    stockTotals: (_: unknown, __: object, { ctx }: ResolverContext) => ctx.call('inventory.totals', {}),
  },
  Mutation: {
    restock: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('inventory.restock', args),
  },
};

export const references = { Product: fromAction('inventory.levels', { ids: 'id' }) };
