import { fromAction, type ResolverContext } from 'moleculer-federation';
import type { Profile } from './user.ts';

const byId = (id: string, { load }: ResolverContext) => load<Profile>('accounts.byIds', { ids: 'id' }, id);

export const resolvers = {
  Query: {
    me: (_: unknown, __: object, context: ResolverContext) =>
      context.ctx.meta.user ? byId(context.ctx.meta.user.id, context) : null,
    user: (_: unknown, { id }: { id: string }, context: ResolverContext) => byId(id, context),
  },
  Mutation: {
    register: (_: unknown, { input }: { input: object }, { ctx }: ResolverContext) =>
      ctx.call('accounts.register', input),
    login: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('accounts.login', args),
  },
};

export const references = { User: fromAction('accounts.byIds', { ids: 'id' }) };
