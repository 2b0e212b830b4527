import type { Context } from 'moleculer';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Review } from '../review.ts';
import type { ReviewsService } from '../reviews.service.ts';

/** The reviews that exist, in no order. */
export const byIds = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  handler(this: ReviewsService, ctx: Context<{ readonly ids: readonly string[] }>): Promise<Review[]> {
    return this.store.byIds(ctx.params.ids);
  },
} satisfies Action<ReviewsService>;
