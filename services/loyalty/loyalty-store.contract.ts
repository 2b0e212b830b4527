import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { openLoyaltyStore } from './loyalty-store.ts';

const credit = (orderId: string, points: number) => ({ orderId, userId: 'u1', points, at: 1 });

export function loyaltyStoreContract(fresh: TestDatabases['fresh']): void {
  test('points are those of all orders, each counted once, however often it is told', async () => {
    const store = await openLoyaltyStore(await fresh());
    await store.enrol('u1', 1);
    expect(await store.byUserIds(['u1', 'u2'])).toEqual([{ userId: 'u1', points: 0 }]);
    const twice = [1, 2].map(() => store.credit(credit('o1', 5)));
    await Promise.all([...twice, store.credit(credit('o2', 7))]);
    expect(await store.byUserIds(['u1'])).toEqual([{ userId: 'u1', points: 12 }]);
    await store.close();
  });

  test('a cancelled order brings nothing, in whichever order the news come', async () => {
    const store = await openLoyaltyStore(await fresh());
    await store.credit(credit('o1', 5));
    await store.revoke('o1');
    await store.revoke('o2');
    await store.credit(credit('o2', 7));
    expect(await store.byUserIds(['u1'])).toEqual([{ userId: 'u1', points: 0 }]);
    await store.close();
  });
}
