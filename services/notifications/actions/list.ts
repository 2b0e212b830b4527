import type { Context } from 'moleculer';
import { type Connection, type PageArgs, pageParams, toConnection, toPage } from '../../common/connection.ts';
import { type Meta, requireUser } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import type { Mail } from '../mail.ts';
import type { NotificationsService } from '../notifications.service.ts';

/** The caller's mails, newest first; an administrator's are everybody's. */
export const list = {
  idempotent: true,
  params: { ...pageParams, $$strict: true },
  /** @throws UNAUTHENTICATED, BAD_PAGE_SIZE, BAD_CURSOR */
  async handler(this: NotificationsService, ctx: Context<PageArgs, Meta>): Promise<Connection<Mail>> {
    const { id, roles } = requireUser(ctx);
    const owner = roles.includes('admin') ? undefined : id;
    const page = toPage(ctx.params);
    const [rows, count] = await Promise.all([this.store.page(owner, page), this.store.count(owner)]);
    return toConnection(rows, page, count);
  },
} satisfies Action<NotificationsService>;
