import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { euros } from '../common/money.ts';
import type { Fact, Sale } from './sales.ts';
import { openSalesStore } from './sales-store.ts';

const sale = (customerId: string, at: number, ...products: string[]): Sale => ({
  ...{ kind: 'sale', customerId, at, amount: 150 },
  items: products.map((productId, index) => ({ productId, quantity: index + 1 })),
});
const facts: readonly Fact[] = [
  { kind: 'registration', userId: 'u1' },
  { kind: 'registration', userId: 'u2' },
  { kind: 'registration', userId: 'u3' },
  sale('u1', 3_600_001, 'p1', 'p2'),
  sale('u1', 3_600_002, 'p2'),
  sale('u2', 7_200_000, 'p3'),
  sale('stranger', 7_200_001, 'p3'),
  ...['placed', 'placed', 'placed', 'shipped'].map((kind) => ({ kind }) as Fact),
  { kind: 'cancellation', reason: 'PAYMENT_DECLINED', refunded: null },
  { kind: 'cancellation', reason: 'CUSTOMER_CANCELLED', refunded: null },
  { kind: 'cancellation', reason: 'CUSTOMER_CANCELLED', refunded: 70 },
];
const report = {
  salesPerHour: [
    { hour: 7_200_000, orders: 2, revenue: euros(300) },
    { hour: 3_600_000, orders: 2, revenue: euros(300) },
  ],
  topProducts: [
    { productId: 'p2', pieces: 3, orders: 2 },
    { productId: 'p3', pieces: 2, orders: 2 },
    { productId: 'p1', pieces: 1, orders: 1 },
  ],
  funnel: { registered: 3, ordered: 2, orderedAgain: 1 },
  orders: {
    ...{ placed: 3, confirmed: 4, shipped: 1, cancelled: 3, revenue: euros(600), refunded: euros(70) },
    cancellations: [
      { reason: 'CUSTOMER_CANCELLED', orders: 2, refunds: 1 },
      { reason: 'PAYMENT_DECLINED', orders: 1, refunds: 0 },
    ],
  },
};

export function salesStoreContract(fresh: TestDatabases['fresh']): void {
  test('each event counts once, in whichever order and on however many replicas', async () => {
    const config = await fresh();
    const replicas = [await openSalesStore(config), await openSalesStore(config)];
    const all = [...facts.entries(), ...[...facts.entries()].reverse()];
    await Promise.all(all.map(([id, fact], index) => replicas[index % 2]?.count(`e${id}`, fact)));
    expect(await replicas[0]?.report(10, 10)).toEqual(report);
    expect(await replicas[1]?.report(1, 1)).toEqual({
      ...report,
      salesPerHour: report.salesPerHour.slice(0, 1),
      topProducts: report.topProducts.slice(0, 1),
    });
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  test('a generation is shown when it has all that was shown before, and is the same to the byte', async () => {
    const store = await openSalesStore(await fresh());
    for (const [id, fact] of facts.entries()) await store.count(`e${id}`, fact);
    const next = await store.begin();
    for (const [id, fact] of [...facts.entries()].slice(1).reverse()) await store.count(`e${id}`, fact, next);
    expect(await store.missing(next)).toBe(1);
    expect(await store.show(next)).toBeUndefined();
    await store.count('e0', facts[0] as Fact, next);
    expect(await store.show(next)).toEqual({ changed: false });
    expect(await store.report(10, 10)).toEqual(report);
    // An event that comes again after the change is known there too.
    await store.count('e3', facts[3] as Fact);
    expect(await store.report(10, 10)).toEqual(report);
    await store.close();
  });

  test('a generation that counts otherwise says so, and a discarded one leaves nothing', async () => {
    const store = await openSalesStore(await fresh());
    await store.count('e3', facts[3] as Fact);
    const discarded = await store.begin();
    await store.count('e3', facts[3] as Fact, discarded);
    await store.discard(discarded);
    const next = await store.begin();
    await store.count('e3', facts[4] as Fact, next);
    expect(await store.show(next)).toEqual({ changed: true });
    expect((await store.report(10, 10)).topProducts).toEqual([{ productId: 'p2', pieces: 1, orders: 1 }]);
    await store.close();
  });

  test('the demonstration’s history is in every generation, and counted once', async () => {
    const config = await fresh({ seed: true });
    const replicas = [await openSalesStore(config), await openSalesStore(config)];
    const [store] = replicas as [Awaited<ReturnType<typeof openSalesStore>>];
    const before = await store.report(1_000, 100);
    const { placed, confirmed, shipped, cancelled } = before.orders;
    expect([placed, confirmed + cancelled, shipped]).toEqual([240, 240, confirmed]);
    expect(before.funnel.registered).toBe(100);
    await store.count('e0', facts[0] as Fact);
    const next = await store.begin();
    await store.count('e0', facts[0] as Fact, next);
    expect(await store.show(next)).toEqual({ changed: false });
    await Promise.all(replicas.map((replica) => replica.close()));
  });
}
