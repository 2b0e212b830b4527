import type { Context } from 'moleculer';
import { PermanentError } from 'moleculer-durable-events';
import type { shopDeadLetters } from '../../common/errors.ts';
import { idParam, itemsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { type Mail, type MailRequest, mailId, mailKinds } from '../mail.ts';
import type { NotificationsService } from '../notifications.service.ts';
import { renderMail } from '../render-mail.ts';

interface Profile {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
}

type WriteContext = Context<MailRequest>;

/**
 * The mail that a job asks for, to the address and with the names of now. An action of its own so that a fault can be
 * switched on in it, as if the mail server were away.
 */
export const write = {
  idempotent: true,
  visibility: 'private',
  params: {
    kind: { type: 'enum', values: mailKinds },
    subjectId: idParam,
    userId: idParam,
    items: { ...itemsParam, optional: true },
    total: {
      type: 'object',
      optional: true,
      props: { amount: { type: 'number', integer: true }, currency: { type: 'string', length: 3 } },
    },
    reason: { type: 'string', optional: true },
    trackingNumber: { type: 'string', optional: true },
    $$strict: true,
  },
  /** @throws PermanentError NO_RECIPIENT; whatever the services it asks throw. */
  async handler(this: NotificationsService, ctx: WriteContext): Promise<Mail> {
    const request = ctx.params;
    const [{ id: userId, name, to }, productNames] = await Promise.all([recipient(ctx), productNamesOf(ctx)]);
    const text = renderMail(request, { name, productNames });
    return { id: mailId(request), kind: request.kind, userId, to, ...text, createdAt: Date.now() };
  },
} satisfies Action<NotificationsService>;

/** Asked for in the recipient's own name. The address stands in no event: streams are kept for long. */
async function recipient(ctx: WriteContext): Promise<Omit<Profile, 'email'> & { to: string }> {
  const { userId } = ctx.params;
  const meta = { user: { id: userId, roles: [] } };
  const [user] = await ctx.call<Profile[], object>('accounts.byIds', { ids: [userId] }, { meta });
  const code: keyof typeof shopDeadLetters = 'NO_RECIPIENT';
  if (!user?.email) throw new PermanentError(code, `there is no user '${userId}' with an address`);
  return { id: user.id, name: user.name, to: user.email };
}

async function productNamesOf(ctx: WriteContext): Promise<ReadonlyMap<string, string>> {
  const ids = (ctx.params.items ?? []).map(({ productId }) => productId);
  if (ids.length === 0) return new Map();
  const products = await ctx.call<{ id: string; name: string }[], object>('products.byIds', { ids });
  return new Map(products.map(({ id, name }) => [id, name]));
}
