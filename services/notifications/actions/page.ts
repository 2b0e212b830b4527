import type { Context } from 'moleculer';
import { toConnection, toPage } from '../../common/connection.ts';
import { shopError } from '../../common/errors.ts';
import type { Identity, Meta } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import { listPage, mailPage } from '../mailbox-page.ts';
import type { NotificationsService } from '../notifications.service.ts';
import type { UnsentMail } from '../unsent.ts';

interface Params {
  readonly id?: string;
  readonly after?: string;
}

const PAGE_SIZE = 50;

/** Sees everything, without a name. */
const anybody: Identity = { id: '', roles: ['admin'] };

/**
 * The caller's mailbox as a page of HTML, or one mail of it; an administrator's are everybody's, and shows what is not sent.
 *
 * A browser sends no token. Where the demonstration's users have a known password anybody can log in as the administrator,
 * so there, and only there, the page is open to all.
 */
export const page = {
  idempotent: true,
  visibility: 'public',
  params: {
    id: { type: 'string', max: 200, optional: true },
    after: { type: 'string', max: 200, optional: true },
    $$strict: true,
  },
  /** @throws UNAUTHENTICATED, MAIL_NOT_FOUND, BAD_CURSOR */
  async handler(this: NotificationsService, ctx: Context<Params, Meta>): Promise<string> {
    const reader = ctx.meta.user ?? (this.openToAll ? anybody : undefined);
    if (!reader) throw shopError('UNAUTHENTICATED');
    const { id, after } = ctx.params;
    const isAdmin = reader.roles.includes('admin');
    const owner = isAdmin ? undefined : reader.id;
    if (id !== undefined) {
      const mail = await this.store.byId(id);
      if (!mail || (owner !== undefined && mail.userId !== owner)) throw shopError('MAIL_NOT_FOUND');
      return mailPage(mail);
    }
    const wanted = toPage({ first: PAGE_SIZE, ...(after !== undefined && { after }) });
    const [rows, count, unsent] = await Promise.all([
      this.store.page(owner, wanted),
      this.store.count(owner),
      isAdmin ? ctx.call<UnsentMail[], object>('notifications.unsent', {}, { meta: { user: reader } }) : null,
    ]);
    return listPage(toConnection(rows, wanted, count), unsent);
  },
} satisfies Action<NotificationsService>;
