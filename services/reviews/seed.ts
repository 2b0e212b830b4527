import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import {
  MINUTE,
  PRODUCTS,
  productId,
  REVIEWS,
  SEED_TIME,
  seedProduct,
  USERS,
  userId,
} from '../common/seed/cast.ts';
import { seedOrders } from '../common/seed/orders.ts';
import { type Random, random } from '../common/seed/random.ts';
import type { ReviewTables } from './review-tables.ts';

export async function seedReviews(db: Kysely<ReviewTables>): Promise<void> {
  await insertAll(reviewRows(), (batch) => db.insertInto('reviews').values(batch));
}

/** What the customers of the demonstration's confirmed orders bought. */
export async function seedPurchases(db: Kysely<ReviewTables>): Promise<void> {
  const rows = seedOrders()
    .filter(({ cancelled }) => !cancelled)
    .flatMap(({ customerId, lines }) =>
      lines.map(({ productId }) => ({ user_id: customerId, product_id: productId })),
    );
  await insertAll(rows, (batch) =>
    db
      .insertInto('purchases')
      .values(batch)
      .onConflict((conflict) => conflict.doNothing()),
  );
}

function reviewRows(): ReviewTables['reviews'][] {
  const draw = random('reviews');
  const rows: ReviewTables['reviews'][] = [];
  const pairs = new Set<string>();
  while (rows.length < REVIEWS) {
    // Some products are talked about, many are not.
    const product = 1 + Math.floor(draw.next() ** 1.6 * PRODUCTS);
    const user = draw.integer(1, USERS);
    const pair = `${product}/${user}`;
    if (pairs.has(pair)) continue;
    pairs.add(pair);
    const rating = drawRating(draw, random('quality', product).next());
    rows.push({
      id: `r${rows.length + 1}`,
      product_id: productId(product),
      user_id: userId(user),
      rating,
      ...reviewText(draw, rating, product),
      verified: draw.next() < 0.7 ? 1 : 0,
      created_at: SEED_TIME - (REVIEWS - rows.length) * 50 * MINUTE,
    });
  }
  return rows;
}

/** Mostly fives and fours, few in the middle, some angry ones; a product's quality (0 to 1) moves all of it. */
function drawRating(draw: Random, quality: number): number {
  const x = draw.next() * (0.75 + quality * 0.5);
  if (x > 0.52) return 5;
  if (x > 0.25) return 4;
  if (x > 0.13) return 3;
  return x > 0.07 ? 2 : 1;
}

function reviewText(draw: Random, rating: number, product: number): { title: string; body: string } {
  const { kind } = seedProduct(product);
  const praise = draw.pick(kind.praise);
  const complaint = draw.pick(kind.complaint);
  const noun = kind.noun.toLowerCase();
  if (rating >= 4) {
    const title = draw.pick([
      'Would buy it again',
      'Just right',
      'Worth the money',
      `A very good ${noun}`,
      'Happy',
    ]);
    const doubt = rating === 4 ? ` ${complaint}` : '';
    return { title, body: `${praise} ${draw.pick(USE)}${doubt} ${draw.pick(RECOMMEND)}` };
  }
  if (rating === 3) {
    const title = draw.pick(['Good, with a but', 'Does its job', 'Mixed feelings', 'Average']);
    return {
      title,
      body: `${praise} But: ${complaint.charAt(0).toLowerCase()}${complaint.slice(1)} ${draw.pick(USE)}`,
    };
  }
  const title = draw.pick(['Not for me', 'Sent it back', 'Disappointed', 'I expected more']);
  return { title, body: `${complaint} ${draw.pick(USE)} ${draw.pick(COMPLAIN)}` };
}

const USE = [
  'In use every day for three months.',
  'I have had it for a year now.',
  'Bought it as a present.',
  'It replaced one that lasted ten years.',
  'My second one from this brand.',
];
const RECOMMEND = [
  'Recommended.',
  'Delivery took two days.',
  'My sister has ordered one too.',
  'Five stars from the cat.',
];
const COMPLAIN = [
  'For this price I expected more.',
  'Customer service was friendly, at least.',
  'It went back.',
];
