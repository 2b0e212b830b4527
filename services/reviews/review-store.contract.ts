import { expect, test } from '@jest/globals';
import { toPage } from '../common/connection.ts';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { openReviewStore } from './review-store.ts';

const review = (n: number, productId: string, userId: string, rating = 4) => ({
  id: `r${n}`,
  ...{ productId, userId, rating },
  title: 'Good',
  body: 'Very good.',
  createdAt: 1_000 + n,
});

export function reviewStoreContract(fresh: TestDatabases['fresh']): void {
  test('each product gets its own page, newest first, and its own count', async () => {
    const store = await openReviewStore(await fresh());
    for (let n = 1; n <= 5; n += 1) await store.add(review(n, 'p1', `u${n}`));
    await store.add(review(6, 'p2', 'u1'));
    const ids = async (args: Parameters<typeof toPage>[0]) =>
      (await store.pages('product', ['p2', 'p1', 'p3'], toPage(args))).map(({ id, rows, count }) => [
        id,
        rows.map((row) => row.id),
        count,
      ]);
    // One more than asked for tells that the list goes on.
    expect(await ids({ first: 2 })).toEqual([
      ['p2', ['r6'], 1],
      ['p1', ['r5', 'r4', 'r3'], 5],
      ['p3', [], 0],
    ]);
    expect(await ids({ last: 2 })).toEqual([
      ['p2', ['r6'], 1],
      ['p1', ['r3', 'r2', 'r1'], 5],
      ['p3', [], 0],
    ]);
    await store.close();
  });

  test('pages go on after a cursor and end before one', async () => {
    const store = await openReviewStore(await fresh());
    for (let n = 1; n <= 5; n += 1) await store.add(review(n, 'p1', `u${n}`));
    const ids = async (page: Parameters<typeof store.pages>[2]) =>
      (await store.pages('product', ['p1'], page))[0]?.rows.map(({ id }) => id);
    const r4 = [1_004, 'r4'] as const;
    expect(await ids({ size: 9, fromEnd: false, after: r4 })).toEqual(['r3', 'r2', 'r1']);
    expect(await ids({ size: 9, fromEnd: false, before: r4 })).toEqual(['r5']);
    expect(await ids({ size: 1, fromEnd: true, before: [1_002, 'r2'] })).toEqual(['r4', 'r3']);
    expect(await ids({ size: 9, fromEnd: false, after: r4, before: [1_002, 'r2'] })).toEqual(['r3']);
    await store.close();
  });

  test('a user reviews a product once, and the second attempt leaves the first as it was', async () => {
    const store = await openReviewStore(await fresh());
    expect(await store.add(review(1, 'p1', 'u1', 5))).toMatchObject({ id: 'r1', rating: 5 });
    expect(await store.add(review(2, 'p1', 'u1', 1))).toBeUndefined();
    expect(await store.byIds(['r1', 'r2'])).toMatchObject([{ id: 'r1', rating: 5 }]);
    await store.close();
  });

  test('a review of a product that its author is known to have bought is verified', async () => {
    const store = await openReviewStore(await fresh());
    await store.addPurchases('u1', ['p1', 'p2']);
    await store.addPurchases('u1', ['p1']);
    expect(await store.add(review(1, 'p1', 'u1'))).toMatchObject({ verified: true });
    expect(await store.add(review(2, 'p1', 'u2'))).toMatchObject({ verified: false });
    await store.close();
  });

  test('ratings are averages with one decimal, null where there are none', async () => {
    const store = await openReviewStore(await fresh());
    for (const [n, rating] of [5, 4, 4].entries()) await store.add(review(n, 'p1', `u${n}`, rating));
    expect(await store.ratings(['p2', 'p1'])).toEqual([
      { id: 'p2', reviewCount: 0, averageRating: null },
      { id: 'p1', reviewCount: 3, averageRating: 4.3 },
    ]);
    await store.close();
  });

  test('the seed holds 5,000 reviews by seeded users, more good ones than bad', async () => {
    const store = await openReviewStore(await fresh({ seed: true }));
    const users = Array.from({ length: 100 }, (_, index) => `u${index + 1}`);
    const pages = await store.pages('user', users, toPage({ first: 100 }));
    expect(pages.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
    const ratings = pages.flatMap(({ rows }) => rows.map(({ rating }) => rating));
    const share = (stars: number) => ratings.filter((rating) => rating === stars).length / ratings.length;
    expect(share(5)).toBeGreaterThan(0.35);
    expect(share(1)).toBeLessThan(0.12);
    await store.close();
  });
}
