import type { ResolverContext } from 'moleculer-federation';
import type { BoughtTogether } from './actions/bought-together.ts';

export const resolvers = {
  Query: {
    pairTotals: (_: unknown, __: object, { ctx }: ResolverContext) => ctx.call('recommendations.totals', {}),
  },
  Product: {
    boughtTogether: async (
      { id }: { id: string },
      { first }: { first: number },
      { load }: ResolverContext,
    ) => {
      const key = { ids: 'id' };
      const found = await load<BoughtTogether>('recommendations.boughtTogether', key, id, { first });
      return found?.others.map((other) => ({ id: other })) ?? null;
    },
  },
};
