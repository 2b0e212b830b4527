import type { Context } from 'moleculer';
import { type Connection, type PageArgs, pageParams, toConnection, toPage } from '../../common/connection.ts';
import { idsParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Review } from '../review.ts';
import type { ReviewsService } from '../reviews.service.ts';

interface Params extends PageArgs {
  readonly ids: readonly string[];
}

/** One owner's page. */
export interface OwnedReviews {
  /** The product's or the user's id. */
  readonly id: string;
  readonly reviews: Connection<Review>;
}

/** The same page of the reviews of each product, newest first. @throws BAD_PAGE_SIZE, BAD_CURSOR */
export const ofProducts = pagesOf('product');

/** The same page of the reviews by each user, newest first. @throws BAD_PAGE_SIZE, BAD_CURSOR */
export const byUsers = pagesOf('user');

function pagesOf(owner: 'product' | 'user') {
  return {
    idempotent: true,
    params: { ids: idsParam, ...pageParams, $$strict: true },
    async handler(this: ReviewsService, ctx: Context<Params>): Promise<OwnedReviews[]> {
      const page = toPage(ctx.params);
      const pages = await this.store.pages(owner, ctx.params.ids, page);
      return pages.map(({ id, rows, count }) => ({ id, reviews: toConnection(rows, page, count) }));
    },
  } satisfies Action<ReviewsService>;
}
