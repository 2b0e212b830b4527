import type { ResolverContext } from 'moleculer-federation';
import type { Mail } from './mail.ts';

export const resolvers = {
  Query: {
    mailbox: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('notifications.list', args),
  },
  Mail: {
    user: ({ userId }: Mail) => ({ id: userId }),
    sentAt: ({ createdAt }: Mail) => new Date(createdAt).toISOString(),
  },
};
