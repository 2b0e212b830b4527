import type { Context } from 'moleculer';
import { type Meta, maySee } from '../../common/identity.ts';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { LoyaltyService } from '../loyalty.service.ts';
import type { Membership } from '../loyalty.ts';

/** Memberships of these users, of those that the caller may see, in no order. Who has none yet has no points. */
export const byUserIds = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  async handler(
    this: LoyaltyService,
    ctx: Context<{ readonly ids: readonly string[] }, Meta>,
  ): Promise<Membership[]> {
    const mine = ctx.params.ids.filter((id) => maySee(ctx.meta, id));
    const members = new Map((await this.store.byUserIds(mine)).map((member) => [member.userId, member]));
    return mine.map((userId) => members.get(userId) ?? { userId, points: 0 });
  },
} satisfies Action<LoyaltyService>;
