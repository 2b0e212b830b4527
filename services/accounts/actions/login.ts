import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import type { Meta } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import type { AccountsService } from '../accounts.service.ts';
import { verifyPassword } from '../password.ts';
import type { Token } from '../token.ts';
import { type Profile, toProfile } from '../user.ts';

interface Params {
  readonly username: string;
  readonly password: string;
}

export interface Session extends Token {
  readonly user: Profile;
}

export const login = {
  params: {
    username: { type: 'string', trim: true, lowercase: true, max: 32, pattern: /^[^\0]*$/ },
    password: { type: 'string', max: 200 },
    $$strict: true,
  },
  bulkhead: { enabled: true, concurrency: 4, maxQueueSize: 50 },
  /** Takes the same time and answers the same for an unknown user as for a wrong password. @throws BAD_CREDENTIALS */
  async handler(this: AccountsService, ctx: Context<Params, Meta>): Promise<Session> {
    const found = await this.store.userByUsername(ctx.params.username);
    const right = await verifyPassword(ctx.params.password, found?.passwordHash);
    if (!found || !right) throw shopError('BAD_CREDENTIALS');
    return { ...(await this.issueToken(found.user)), user: toProfile(found.user, true) };
  },
} satisfies Action<AccountsService>;
