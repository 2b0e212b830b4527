import { fromAction, type ResolverContext } from 'moleculer-federation';
import type { PageArgs } from '../common/connection.ts';
import type { OwnedReviews } from './actions/pages.ts';
import type { Rating, Review } from './review.ts';

interface Entity {
  readonly id: string;
}

const rating = ({ id }: Entity, { load }: ResolverContext) =>
  load<Rating>('reviews.ratings', { ids: 'id' }, id);

const page = async (action: string, { id }: Entity, args: PageArgs, { load }: ResolverContext) =>
  (await load<OwnedReviews>(action, { ids: 'id' }, id, { ...args }))?.reviews;

export const resolvers = {
  Product: {
    averageRating: async (product: Entity, _: object, context: ResolverContext) =>
      (await rating(product, context))?.averageRating,
    reviewCount: async (product: Entity, _: object, context: ResolverContext) =>
      (await rating(product, context))?.reviewCount,
    reviews: (product: Entity, args: PageArgs, context: ResolverContext) =>
      page('reviews.ofProducts', product, args, context),
  },
  User: {
    reviews: (user: Entity, args: PageArgs, context: ResolverContext) =>
      page('reviews.byUsers', user, args, context),
  },
  Review: {
    author: ({ userId }: Review) => ({ id: userId }),
    product: ({ productId }: Review) => ({ id: productId }),
    createdAt: ({ createdAt }: Review) => new Date(createdAt).toISOString(),
  },
  Mutation: {
    addReview: (_: unknown, { input }: { input: object }, { ctx }: ResolverContext) =>
      ctx.call('reviews.add', input),
  },
};

export const references = { Review: fromAction('reviews.byIds', { ids: 'id' }) };
