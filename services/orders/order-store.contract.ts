import { expect, test } from '@jest/globals';
import { toPage } from '../common/connection.ts';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { euros } from '../common/money.ts';
import { orderPlaced, orderPlacedEvent } from './events.ts';
import type { Order } from './order.ts';
import { openOrderStore } from './order-store.ts';

const order = (n: number, customerId = 'u1'): Order => ({
  id: `o${n}`,
  customerId,
  lines: [
    { productId: 'p2', quantity: 2, unitPrice: euros(150) },
    { productId: 'p1', quantity: 1, unitPrice: euros(99) },
  ],
  total: euros(399),
  createdAt: 1_795_386_832_000 + n,
  ...{ status: 'PENDING', reason: null, settledAt: null },
});

const placed = (of: Order) => orderPlacedEvent.create(orderPlaced(of), { source: '/test' });

export function orderStoreContract(fresh: TestDatabases['fresh']): void {
  test('an order comes back as it was added, its lines in their order', async () => {
    const store = await openOrderStore(await fresh());
    await store.add(order(1), placed(order(1)));
    expect(await store.byIds(['o1', 'o2'])).toEqual([order(1)]);
    await store.close();
  });

  test('an id is taken once, and the second attempt changes nothing', async () => {
    const store = await openOrderStore(await fresh());
    await store.add(order(1), placed(order(1)));
    const again = { ...order(1), customerId: 'u2' };
    await expect(store.add(again, placed(again))).rejects.toThrow();
    expect(await store.byIds(['o1'])).toEqual([order(1)]);
    await store.close();
  });

  test('one key of one customer stands for one order, however many ask at once', async () => {
    const config = await fresh();
    const [one, two] = await Promise.all([openOrderStore(config), openOrderStore(config)]);
    const request = { customerId: 'u1', key: 'k', fingerprint: 'f' };
    const within: string[] = [];
    const added = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) =>
        (n % 2 ? one : two).add(order(n), placed(order(n)), request, async () => void within.push(`o${n}`)),
      ),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    const { orderId } = (await two.requested('u1', 'k')) ?? {};
    expect(within).toEqual([orderId]);
    expect(await one.byIds([1, 2, 3, 4, 5, 6].map((n) => `o${n}`))).toMatchObject([{ id: orderId }]);
    expect(await one.add(order(7, 'u2'), placed(order(7, 'u2')), { ...request, customerId: 'u2' })).toBe(
      true,
    );
    expect(await one.requested('u1', 'other')).toBeUndefined();
    await Promise.all([one.close(), two.close()]);
  });

  test('of an order and a refusal under one key the first stands', async () => {
    const store = await openOrderStore(await fresh());
    const request = (key: string) => ({ customerId: 'u1', key, fingerprint: 'f' });
    expect(await store.refuse(request('no'), 'sold out')).toBe(true);
    expect(await store.add(order(1), placed(order(1)), request('no'))).toBe(false);
    expect(await store.requested('u1', 'no')).toMatchObject({ refusal: 'sold out' });
    expect(await store.byIds(['o1'])).toEqual([]);
    expect(await store.add(order(1), placed(order(1)), request('yes'))).toBe(true);
    expect(await store.refuse(request('yes'), 'sold out')).toBe(false);
    expect(await store.requested('u1', 'yes')).toMatchObject({ orderId: 'o1', refusal: null });
    await store.close();
  });

  test('what fails beside the order takes it back', async () => {
    const store = await openOrderStore(await fresh());
    const request = { customerId: 'u1', key: 'k', fingerprint: 'f' };
    const failing = store.add(order(1), placed(order(1)), request, () =>
      Promise.reject(new Error('no saga')),
    );
    await expect(failing).rejects.toThrow('no saga');
    expect(await store.byIds(['o1'])).toEqual([]);
    expect(await store.requested('u1', 'k')).toBeUndefined();
    await store.close();
  });

  test('an order gets one end', async () => {
    const store = await openOrderStore(await fresh());
    await store.add(order(1), placed(order(1)));
    const reason = { code: 'OUT_OF_STOCK', message: 'Only 1 is left.' };
    const cancelled = { ...order(1), status: 'CANCELLED', reason, settledAt: 5 };
    expect(await store.settle('o1', reason, 5, () => [])).toEqual(cancelled);
    expect(await store.settle('o1', null, 6, () => [])).toBeUndefined();
    expect(await store.settle('o2', null, 6, () => [])).toBeUndefined();
    expect(await store.byIds(['o1'])).toEqual([cancelled]);
    await store.close();
  });

  test('a customer’s orders are listed newest first, nobody else’s among them', async () => {
    const store = await openOrderStore(await fresh());
    for (const each of [order(1), order(2), order(3), order(4, 'u2')]) await store.add(each, placed(each));
    expect((await store.page('u1', toPage({ first: 2 }))).map(({ id }) => id)).toEqual(['o3', 'o2', 'o1']);
    expect((await store.page('u1', toPage({ last: 1 }))).map(({ id }) => id)).toEqual(['o2', 'o1']);
    expect(await store.count('u1')).toBe(3);
    expect(await store.page('u3', toPage({}))).toEqual([]);
    await store.close();
  });

  test('the seed has orders of several customers whose totals add up', async () => {
    const store = await openOrderStore(await fresh({ seed: true }));
    const orders = await store.byIds(Array.from({ length: 241 }, (_, index) => `o${index}`));
    expect(orders).toHaveLength(240);
    for (const { lines, total } of orders)
      expect(total.amount).toBe(
        lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice.amount * quantity, 0),
      );
    expect(new Set(orders.map(({ customerId }) => customerId)).size).toBeGreaterThan(30);
    await store.close();
  });
}
