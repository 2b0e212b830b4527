import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { openRateStore } from './rate-store.ts';

export function rateStoreContract(fresh: TestDatabases['fresh']): void {
  test('the seeded price list comes back by method and weight', async () => {
    const store = await openRateStore(await fresh({ seed: true }));
    const rates = await store.all();
    expect(rates.map(({ method, maxWeight }) => `${method} ${maxWeight}`)).toEqual([
      'Express 2000',
      'Express 10000',
      'Express 31500',
      'Freight 100000',
      'Freight 500000',
      'Standard 2000',
      'Standard 10000',
      'Standard 31500',
    ]);
    expect(rates[0]).toEqual({ method: 'Express', maxWeight: 2_000, price: 1_290, days: 1, freeFrom: null });
    await store.close();
  });
}
