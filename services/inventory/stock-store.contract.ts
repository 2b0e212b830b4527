import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { openStockStore } from './stock-store.ts';

export function stockStoreContract(fresh: TestDatabases['fresh']): void {
  test('an unknown product has none available, and restocking makes it known', async () => {
    const store = await openStockStore(await fresh());
    expect(await store.restock('a', 3)).toEqual({ id: 'a', available: 3 });
    expect(await store.restock('a', 4)).toEqual({ id: 'a', available: 7 });
    expect(await store.levels(['b', 'a', 'b'])).toEqual([
      { id: 'b', available: 0 },
      { id: 'a', available: 7 },
      { id: 'b', available: 0 },
    ]);
    await store.close();
  });

  test('a reservation takes all items or none', async () => {
    const store = await openStockStore(await fresh());
    await store.restock('a', 3);
    await store.restock('b', 1);
    const items = [
      { productId: 'a', quantity: 2 },
      { productId: 'b', quantity: 2 },
    ];
    expect(await store.reserve('o1', items)).toEqual({
      kind: 'out of stock',
      missing: { id: 'b', available: 1 },
    });
    expect(await store.levels(['a', 'b'])).toEqual([
      { id: 'a', available: 3 },
      { id: 'b', available: 1 },
    ]);
    await store.close();
  });

  test('never more is reserved than there is, however many ask at once', async () => {
    const config = await fresh();
    const replicas = await Promise.all([1, 2].map(() => openStockStore(config)));
    await replicas[0]?.restock('a', 10);
    await replicas[0]?.restock('b', 100);
    const outcomes = await Promise.all(
      Array.from({ length: 24 }, (_, n) => {
        const items = ['a', 'b'].map((productId) => ({ productId, quantity: 1 }));
        return replicas[n % 2]?.reserve(`o${n}`, n % 3 ? items : items.toReversed());
      }),
    );
    expect(outcomes.filter((outcome) => outcome?.kind === 'reserved')).toHaveLength(10);
    expect(await replicas[1]?.levels(['a', 'b'])).toEqual([
      { id: 'a', available: 0 },
      { id: 'b', available: 90 },
    ]);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  test('the same order again changes nothing, and released it is as if it had never been', async () => {
    const store = await openStockStore(await fresh());
    await store.restock('a', 5);
    const items = [{ productId: 'a', quantity: 2 }];
    expect(await store.reserve('o1', items)).toEqual({
      kind: 'reserved',
      changed: [{ id: 'a', available: 3 }],
    });
    expect(await store.reserve('o1', items)).toEqual({ kind: 'reserved', changed: [] });
    expect(await store.release('o1')).toEqual([{ id: 'a', available: 5 }]);
    expect(await store.release('o1')).toEqual([]);
    expect(await store.levels(['a'])).toEqual([{ id: 'a', available: 5 }]);
    await store.close();
  });

  test('the seed has products in stock and some that are sold out', async () => {
    const store = await openStockStore(await fresh({ seed: true }));
    const levels = await store.levels(Array.from({ length: 1_000 }, (_, index) => `p${index + 1}`));
    expect(levels.filter(({ available }) => available === 0)).toHaveLength(71);
    await store.close();
  });
}
