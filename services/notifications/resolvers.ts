import type { ResolverContext } from 'moleculer-federation';
import type { Mail } from './mail.ts';
import type { UnsentMail } from './unsent.ts';

export const resolvers = {
  Query: {
    mailbox: (_: unknown, args: object, { ctx }: ResolverContext) => ctx.call('notifications.list', args),
    unsentMails: (_: unknown, __: object, { ctx }: ResolverContext) => ctx.call('notifications.unsent', {}),
  },
  UnsentMail: {
    user: ({ userId }: UnsentMail) => userId && { id: userId },
    failedAt: ({ failedAt }: UnsentMail) => new Date(failedAt).toISOString(),
    error: ({ code, message }: UnsentMail) => ({ code, message }),
  },
  Mail: {
    user: ({ userId }: Mail) => ({ id: userId }),
    sentAt: ({ createdAt }: Mail) => new Date(createdAt).toISOString(),
  },
};
