import type { ResolverContext } from 'moleculer-federation';
import type { BoughtTogether } from './actions/bought-together.ts';

export const resolvers = {
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
