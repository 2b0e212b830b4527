import type { Context } from 'moleculer';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Rating } from '../review.ts';
import type { ReviewsService } from '../reviews.service.ts';

/** One Rating for each product id, in their order. */
export const ratings = {
  idempotent: true,
  params: { ids: idsParam, $$strict: true },
  handler(this: ReviewsService, ctx: Context<{ readonly ids: readonly string[] }>): Promise<Rating[]> {
    return this.store.ratings(ctx.params.ids);
  },
} satisfies Action<ReviewsService>;
