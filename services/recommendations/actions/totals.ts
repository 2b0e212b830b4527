import type { Context } from 'moleculer';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import type { RecommendationsService } from '../recommendations.service.ts';

/** For the books, which must agree with the orders: one of n products adds n × (n - 1) pairs. */
export const totals = {
  idempotent: true,
  params: { $$strict: true },
  /** @throws UNAUTHENTICATED, FORBIDDEN */
  async handler(this: RecommendationsService, ctx: Context<unknown, Meta>): Promise<{ pairs: number }> {
    requireAdmin(ctx);
    return { pairs: await this.store.total() };
  },
} satisfies Action<RecommendationsService>;
