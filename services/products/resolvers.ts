import { fromAction, type ResolverContext } from 'moleculer-federation';
import type { Product } from './product.ts';

export const resolvers = {
  Query: {
    product: (_: unknown, { id }: { id: string }, { load }: ResolverContext) =>
      load<Product>('products.byIds', { ids: 'id' }, id),
    products: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('products.list', args),
    topProducts: (_: unknown, args: { first: number }, { ctx }: ResolverContext) =>
      ctx.call('products.top', args),
  },
  Mutation: {
    changePrice: (_: unknown, args: { id: string; amount: number }, { ctx }: ResolverContext) =>
      ctx.call('products.changePrice', args),
  },
};

export const references = { Product: fromAction('products.byIds', { ids: 'id' }) };
