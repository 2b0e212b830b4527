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

  test('what is released before it is reserved is never reserved', async () => {
    const store = await openStockStore(await fresh());
    await store.restock('a', 5);
    const items = [{ productId: 'a', quantity: 2 }];
    expect(await store.release('o1')).toEqual([]);
    expect(await store.reserve('o1', items)).toEqual({ kind: 'released' });
    expect(await store.sell('o1')).toBe(false);
    expect(await store.totals()).toEqual({ available: 5, reserved: 0, sold: 0 });
    await store.close();
  });

  test('what is sold stays sold', async () => {
    const store = await openStockStore(await fresh());
    await store.restock('a', 5);
    await store.reserve('o1', [{ productId: 'a', quantity: 2 }]);
    await store.reserve('o2', [{ productId: 'a', quantity: 1 }]);
    expect([await store.sell('o1'), await store.sell('o1')]).toEqual([true, true]);
    expect(await store.release('o1')).toEqual([]);
    expect(await store.totals()).toEqual({ available: 2, reserved: 1, sold: 2 });
    await store.close();
  });

  test('a reservation that failed may be tried again', async () => {
    const store = await openStockStore(await fresh());
    const items = [{ productId: 'a', quantity: 2 }];
    expect(await store.reserve('o1', items)).toMatchObject({ kind: 'out of stock' });
    await store.restock('a', 2);
    expect(await store.reserve('o1', items)).toMatchObject({ kind: 'reserved' });
    await store.close();
  });

  test('of a reservation and its release at the same time, through two replicas, nothing stays reserved', async () => {
    const config = await fresh();
    const [one, two] = await Promise.all([openStockStore(config), openStockStore(config)]);
    await one.restock('a', 100);
    const items = [{ productId: 'a', quantity: 2 }];
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => [one.reserve(`o${n}`, items), two.release(`o${n}`)]).flat(),
    );
    expect(await one.totals()).toEqual({ available: 100, reserved: 0, sold: 0 });
    await Promise.all([one.close(), two.close()]);
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
