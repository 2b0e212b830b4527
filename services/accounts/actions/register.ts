import { randomUUID } from 'node:crypto';
import type { Context } from 'moleculer';
import { originOf } from 'moleculer-durable-events';
import { shopError } from '../../common/errors.ts';
import type { Meta } from '../../common/identity.ts';
import { textParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import { tell } from '../../common/tell.ts';
import type { AccountsService } from '../accounts.service.ts';
import { USER_REGISTERED, type UserRegistered, userRegistered } from '../events.ts';
import { hashPassword } from '../password.ts';
import { toProfile, type User } from '../user.ts';
import type { Session } from './login.ts';

interface Params {
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

export const register = {
  params: {
    username: {
      type: 'string',
      trim: true,
      lowercase: true,
      min: 3,
      max: 32,
      pattern: /^[a-z0-9][a-z0-9._-]*$/,
    },
    email: { type: 'email', normalize: true, max: 254 },
    name: textParam(1, 80),
    password: { type: 'string', min: 10, max: 200 },
    $$strict: true,
  },
  // Each hash holds 16 MiB: a flood of them must wait in line, not in memory.
  bulkhead: { enabled: true, concurrency: 4, maxQueueSize: 50 },
  /** @throws USERNAME_TAKEN, EMAIL_TAKEN */
  async handler(this: AccountsService, ctx: Context<Params, Meta>): Promise<Session> {
    const { username, email, name, password } = ctx.params;
    const now = Date.now();
    const user: User = { id: `u${randomUUID()}`, username, email, name, roles: [], createdAt: now };
    const told: UserRegistered = { userId: user.id, name, registeredAt: now };
    const event = userRegistered.create(told, originOf(ctx));
    const outcome = await this.store.addUser(user, await hashPassword(password), event);
    if (outcome === 'username taken') throw shopError('USERNAME_TAKEN');
    if (outcome === 'email taken') throw shopError('EMAIL_TAKEN');
    this.wakeRelay();
    tell(ctx, USER_REGISTERED, told);
    return { ...(await this.issueToken(user)), user: toProfile(user, true) };
  },
} satisfies Action<AccountsService>;
