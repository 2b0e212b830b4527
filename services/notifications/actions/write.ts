import { PermanentError } from 'moleculer-durable-events';
import type { EventContext } from '../../common/inbox.ts';
import { type Mail, type MailRequest, mailId, render } from '../mail.ts';

interface Profile {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
}

/**
 * The mail that a job asks for, to the address and with the names of now.
 * @throws PermanentError NO_RECIPIENT; whatever the services it asks throw.
 */
export async function write(ctx: EventContext<MailRequest>): Promise<Mail> {
  const request = ctx.params;
  const [{ id: userId, name, to }, productNames] = await Promise.all([recipient(ctx), namesOfProducts(ctx)]);
  const text = render(request, { name, productNames });
  return { id: mailId(request), kind: request.kind, userId, to, ...text, createdAt: Date.now() };
}

/** Asked for in the recipient's own name. The address stands in no event: streams are kept for long. */
async function recipient(ctx: EventContext<MailRequest>): Promise<Omit<Profile, 'email'> & { to: string }> {
  const { userId } = ctx.params;
  const meta = { user: { id: userId, roles: [] } };
  const [user] = await ctx.call<Profile[], object>('accounts.byIds', { ids: [userId] }, { meta });
  if (!user?.email) throw new PermanentError('NO_RECIPIENT', `there is no user '${userId}' with an address`);
  return { id: user.id, name: user.name, to: user.email };
}

async function namesOfProducts(ctx: EventContext<MailRequest>): Promise<ReadonlyMap<string, string>> {
  const ids = (ctx.params.items ?? []).map(({ productId }) => productId);
  if (ids.length === 0) return new Map();
  const products = await ctx.call<{ id: string; name: string }[], object>('products.byIds', { ids });
  return new Map(products.map(({ id, name }) => [id, name]));
}
