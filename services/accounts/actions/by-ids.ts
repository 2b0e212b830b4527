import type { Context } from 'moleculer';
import { type Meta, maySee } from '../../common/identity.ts';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { AccountsService } from '../accounts.service.ts';
import { type Profile, toProfile } from '../user.ts';

/** Profiles of the users that exist, in no order. */
export const byIds = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  async handler(
    this: AccountsService,
    ctx: Context<{ readonly ids: readonly string[] }, Meta>,
  ): Promise<Profile[]> {
    const users = await this.store.usersByIds(ctx.params.ids);
    return users.map((user) => toProfile(user, maySee(ctx.meta, user.id)));
  },
} satisfies Action<AccountsService>;
