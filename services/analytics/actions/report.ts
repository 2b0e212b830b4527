import type { Context } from 'moleculer';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import type { AnalyticsService } from '../analytics.service.ts';
import type { Report } from '../sales.ts';

interface Params {
  readonly hours: number;
  readonly products: number;
}

export const report = {
  idempotent: true,
  params: {
    hours: { type: 'number', integer: true, min: 0, max: 1_000 },
    products: { type: 'number', integer: true, min: 0, max: 100 },
    $$strict: true,
  },
  /** @throws UNAUTHENTICATED, FORBIDDEN */
  async handler(this: AnalyticsService, ctx: Context<Params, Meta>): Promise<Report> {
    requireAdmin(ctx);
    return this.store.report(ctx.params.hours, ctx.params.products);
  },
} satisfies Action<AnalyticsService>;
