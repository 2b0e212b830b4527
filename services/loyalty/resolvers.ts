import type { ResolverContext } from 'moleculer-federation';
import { type Membership, tierOf } from './loyalty.ts';

const membership = (id: string, { load }: ResolverContext) =>
  load<Membership>('loyalty.byUserIds', { ids: 'userId' }, id);

export const resolvers = {
  User: {
    loyaltyPoints: async ({ id }: { id: string }, _: object, context: ResolverContext) =>
      (await membership(id, context))?.points ?? null,
    loyaltyTier: async ({ id }: { id: string }, _: object, context: ResolverContext) => {
      const found = await membership(id, context);
      return found ? tierOf(found.points) : null;
    },
  },
};
