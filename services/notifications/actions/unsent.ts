import type { Context } from 'moleculer';
import { channelOf } from 'moleculer-durable-events';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import { MAIL_GROUP, MAIL_REQUESTED } from '../events.ts';
import type { NotificationsService } from '../notifications.service.ts';
import { type UnsentMail, unsentMails } from '../unsent.ts';

const MOST = 100;

/** Mails that failed so far, latest failure first: those that are tried again, and those that were put aside. 100 at most. */
export const unsent = {
  idempotent: true,
  params: { $$strict: true },
  /** @throws UNAUTHENTICATED, FORBIDDEN */
  async handler(this: NotificationsService, ctx: Context<unknown, Meta>): Promise<UnsentMail[]> {
    requireAdmin(ctx);
    const { deadLetters } = channelOf(ctx.broker);
    const [failures, letters] = await Promise.all([
      this.store.failures(MOST),
      deadLetters.list({ event: MAIL_REQUESTED, group: MAIL_GROUP, limit: MOST }),
    ]);
    return unsentMails(failures, letters);
  },
} satisfies Action<NotificationsService>;
