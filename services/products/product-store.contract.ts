import { expect, test } from '@jest/globals';
import { type PageArgs, toConnection, toPage } from '../common/connection.ts';
import type { TestDatabases } from '../common/database/test-databases.ts';
import type { ProductFilter } from './product.ts';
import { openProductStore, type ProductStore } from './product-store.ts';

async function ids(store: ProductStore, args: PageArgs, filter: ProductFilter = {}) {
  const page = toPage(args);
  const { edges, pageInfo } = toConnection(await store.page(page, filter), page, 0);
  return { ids: edges.map(({ node }) => node.id), ...pageInfo };
}

export function productStoreContract(fresh: TestDatabases['fresh']): void {
  test('the seed is the same everywhere, and products are found by id', async () => {
    const store = await openProductStore(await fresh({ seed: true }));
    expect(await store.count({})).toBe(1_000);
    const [first] = await store.byIds(['p1', 'p1001', '']);
    expect(first).toMatchObject({
      id: 'p1',
      name: 'Nordlicht Alta Espresso Machine',
      price: { amount: 46_990, currency: 'EUR' },
      weight: 4_840,
    });
    await store.close();
  });

  test('pages walk the whole list, forwards and backwards, each product once', async () => {
    const store = await openProductStore(await fresh({ seed: true }));
    const forwards: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await ids(store, { first: 97, after });
      forwards.push(...page.ids);
      if (!page.hasNextPage) break;
      after = page.endCursor;
    }
    expect(forwards).toEqual(Array.from({ length: 1_000 }, (_, index) => `p${index + 1}`));
    const backwards: string[] = [];
    for (let before: string | null = null; ; ) {
      const page = await ids(store, { last: 97, before });
      backwards.unshift(...page.ids);
      if (!page.hasPreviousPage) break;
      before = page.startCursor;
    }
    expect(backwards).toEqual(forwards);
    await store.close();
  });

  test('a filter narrows by words, category, brand and price, and takes % and _ as they are', async () => {
    const store = await openProductStore(await fresh({ seed: true }));
    const found = await store.page(toPage({ first: 100 }), { search: 'PIKO  kettle' });
    expect(found.length).toBeGreaterThan(0);
    for (const { name } of found) expect(name).toMatch(/^Piko .*Kettle/);
    const audio = { category: 'Audio', brand: 'Piko', minPrice: 10_000, maxPrice: 20_000 };
    for (const product of await store.page(toPage({ first: 100 }), audio)) {
      expect(product).toMatchObject({ category: 'Audio', brand: 'Piko' });
      expect(product.price.amount).toBeGreaterThanOrEqual(10_000);
      expect(product.price.amount).toBeLessThanOrEqual(20_000);
    }
    expect(await store.count({ search: '%' })).toBe(0);
    expect(await store.count({ search: 'pik_' })).toBe(0);
    expect(await store.count({ search: "' or 1=1 --" })).toBe(0);
    expect(await store.count({ search: '\\' })).toBe(0);
    await store.close();
  });

  test('price changes answer the price they replaced, also when many come at once', async () => {
    const store = await openProductStore(await fresh({ seed: true }));
    const replaced = await Promise.all([1, 2, 3, 4].map((amount) => store.changePrice('p1', amount)));
    const [last] = await store.byIds(['p1']);
    // Each price but the last was replaced exactly once.
    expect([...replaced, last?.price.amount].toSorted()).toEqual([1, 2, 3, 4, 46_990].toSorted());
    expect(await store.changePrice('nothing', 1)).toBeUndefined();
    await store.close();
  });

  test('an order counts once among the best-selling, however often the event comes', async () => {
    const store = await openProductStore(await fresh({ seed: true }));
    const items = [{ productId: 'p2', quantity: 5_000 }];
    await Promise.all([1, 2, 3].map(() => store.countSale('o1', items)));
    const [before] = await store.top(1);
    expect(before?.id).toBe('p2');
    await store.countSale('o1', items);
    expect(await store.top(1)).toEqual([before]);
    await store.close();
  });

  test('orders that name the same products in other orders are all counted', async () => {
    const store = await openProductStore(await fresh({ seed: true }));
    const [one, two] = await Promise.all([store.byIds(['p1']), store.byIds(['p2'])]);
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        const items = ['p1', 'p2'].map((productId) => ({ productId, quantity: 1 }));
        return store.countSale(`o${n}`, n % 2 ? items : items.toReversed());
      }),
    );
    expect((await store.byIds(['p1']))[0]?.sold).toBe((one[0]?.sold ?? 0) + 10);
    expect((await store.byIds(['p2']))[0]?.sold).toBe((two[0]?.sold ?? 0) + 10);
    await store.close();
  });
}
