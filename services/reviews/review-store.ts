import { type Kysely, sql } from 'kysely';
import { inBatches } from '../common/batches.ts';
import type { Page } from '../common/connection.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { withinPage } from '../common/database/page-rows.ts';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { type Rating, type Review, toRating } from './review.ts';
import { migrations, type ReviewTables } from './review-tables.ts';
import { seedPurchases, seedReviews } from './seed.ts';

/** A page of one owner's reviews, as `toConnection` takes it. */
export interface ReviewPage {
  /** The product's or the user's id. */
  readonly id: string;
  readonly rows: readonly Review[];
  readonly count: number;
}

type Purchase = ReviewTables['purchases'];

/** Reviews, and who bought what. Every replica of reviews works on the same ones. */
export class ReviewStore {
  readonly #db: Kysely<ReviewTables>;
  readonly #insertPurchases: Prepared<ReviewTables, { readonly rows: readonly Purchase[] }, unknown>;
  readonly #addBought = inBatches<readonly Purchase[]>((orders) => this.#addPurchases(orders.flat()));
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<ReviewTables>) {
    this.#db = db;
    this.#insertPurchases = prepared(db, (db, { rows }) =>
      db
        .insertInto('purchases')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing()),
    );
    this.close = close;
  }

  /** Those that exist, in no order. */
  async byIds(ids: readonly string[]): Promise<Review[]> {
    if (ids.length === 0) return [];
    const rows = await this.#db.selectFrom('reviews').selectAll().where('id', 'in', ids).execute();
    return rows.map(toReview);
  }

  /** The same page of the reviews of each product or user, newest first, in one query for all. In the ids' order. */
  async pages(owner: 'product' | 'user', ids: readonly string[], page: Page): Promise<ReviewPage[]> {
    if (ids.length === 0) return [];
    const column = `${owner}_id` as const;
    const direction = page.fromEnd ? sql`asc` : sql`desc`;
    const within = withinPage(
      this.#db.selectFrom('reviews').selectAll().where(column, 'in', ids),
      page,
      'newest',
    );
    const numbered = within.select(
      sql<number>`row_number() over (partition by ${sql.ref(column)} order by created_at ${direction}, id ${direction})`.as(
        'place',
      ),
    );
    const [rows, counts] = await Promise.all([
      this.#db
        .selectFrom(numbered.as('numbered'))
        .selectAll()
        .where('place', '<=', page.size + 1)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute(),
      this.#db
        .selectFrom('reviews')
        .select([column, (row) => row.fn.countAll<number>().as('count')])
        .where(column, 'in', ids)
        .groupBy(column)
        .execute(),
    ]);
    const byOwner = Map.groupBy(rows, (row) => row[column]);
    const countOf = new Map(counts.map((row) => [row[column], row.count]));
    return ids.map((id) => ({
      id,
      rows: (byOwner.get(id) ?? []).map(toReview),
      count: countOf.get(id) ?? 0,
    }));
  }

  /** One for each product, in the ids' order. */
  async ratings(productIds: readonly string[]): Promise<Rating[]> {
    if (productIds.length === 0) return [];
    const rows = await this.#db
      .selectFrom('reviews')
      .select(['product_id', (row) => row.fn.countAll<number>().as('count')])
      .select((row) => row.fn.sum<number>('rating').as('sum'))
      .where('product_id', 'in', productIds)
      .groupBy('product_id')
      .execute();
    const found = new Map(rows.map((row) => [row.product_id, row]));
    return productIds.map((id) => toRating(id, found.get(id)?.count ?? 0, found.get(id)?.sum ?? 0));
  }

  /** Adds it, verified when the author is known to have bought the product. @returns undefined: reviewed before. */
  async add(review: Omit<Review, 'verified'>): Promise<Review | undefined> {
    const bought = await this.#db
      .selectFrom('purchases')
      .select('user_id')
      .where('user_id', '=', review.userId)
      .where('product_id', '=', review.productId)
      .executeTakeFirst();
    const row = await this.#db
      .insertInto('reviews')
      .values({
        id: review.id,
        product_id: review.productId,
        user_id: review.userId,
        rating: review.rating,
        title: review.title,
        body: review.body,
        verified: bought ? 1 : 0,
        created_at: review.createdAt,
      })
      .onConflict((conflict) => conflict.columns(['user_id', 'product_id']).doNothing())
      .returningAll()
      .executeTakeFirst();
    return row && toReview(row);
  }

  /** Remembers who bought what; any number of times. */
  async addPurchases(userId: string, productIds: readonly string[]): Promise<void> {
    await this.#addBought(productIds.map((id) => ({ user_id: userId, product_id: id })));
  }

  async #addPurchases(purchases: readonly Purchase[]): Promise<void> {
    // In one order everywhere: two batches of the same purchases could each hold a row that the other waits for.
    const rows = purchases.toSorted((a, b) => {
      if (a.user_id !== b.user_id) return a.user_id < b.user_id ? -1 : 1;
      return a.product_id < b.product_id ? -1 : 1;
    });
    if (rows.length > 0) await this.#insertPurchases(this.#db, { rows });
  }
}

function toReview(row: ReviewTables['reviews']): Review {
  return {
    id: row.id,
    productId: row.product_id,
    userId: row.user_id,
    rating: row.rating,
    title: row.title,
    body: row.body,
    verified: row.verified === 1,
    createdAt: row.created_at,
  };
}

export async function openReviewStore(config: ShopConfig): Promise<ReviewStore> {
  const database = await openDatabase<ReviewTables>(config.database, 'reviews', migrations);
  if (config.seed) {
    await seedOnce(database.db, 'demonstration', seedReviews);
    await seedOnce(database.db, 'purchases', seedPurchases);
  }
  return new ReviewStore(database);
}
