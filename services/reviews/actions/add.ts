import { randomUUID } from 'node:crypto';
import type { Context } from 'moleculer';
import { shopError } from '../../common/errors.ts';
import { type Meta, requireUser } from '../../common/identity.ts';
import { idParam, textParam } from '../../common/params.ts';
import type { Action } from '../../common/service.ts';
import type { Review } from '../review.ts';
import type { ReviewsService } from '../reviews.service.ts';

interface Params {
  readonly productId: string;
  readonly rating: number;
  readonly title: string;
  readonly body: string;
}

export const add = {
  params: {
    productId: idParam,
    rating: { type: 'number', integer: true, min: 1, max: 5 },
    title: textParam(1, 120),
    body: textParam(1, 5_000),
    $$strict: true,
  },
  /** @throws UNAUTHENTICATED, PRODUCT_NOT_FOUND, ALREADY_REVIEWED */
  async handler(this: ReviewsService, ctx: Context<Params, Meta>): Promise<Review> {
    const user = requireUser(ctx);
    const { productId, rating, title, body } = ctx.params;
    const found = await ctx.call<unknown[], object>('products.byIds', { ids: [productId] });
    if (found.length === 0) throw shopError('PRODUCT_NOT_FOUND');
    const id = `r${randomUUID()}`;
    const review = { id, productId, userId: user.id, rating, title, body, createdAt: Date.now() };
    const added = await this.store.add(review);
    if (!added) throw shopError('ALREADY_REVIEWED');
    return added;
  },
} satisfies Action<ReviewsService>;
