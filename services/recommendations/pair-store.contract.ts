import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { openPairStore } from './pair-store.ts';
import { pairsOf } from './pairs.ts';

const entry = (id: string) => ({ group: 'recommendations', id });

export function pairStoreContract(fresh: TestDatabases['fresh']): void {
  test('products are ranked by how many orders they share, each order counted once', async () => {
    const store = await openPairStore(await fresh());
    await Promise.all([
      store.count(entry('a'), pairsOf(['p1', 'p2', 'p3'])),
      store.count(entry('a'), pairsOf(['p1', 'p2', 'p3'])),
      store.count(entry('b'), pairsOf(['p3', 'p1'])),
      store.count(entry('c'), pairsOf(['p4'])),
    ]);
    expect(await store.boughtWith(['p1', 'p3', 'p4'], 2)).toEqual(
      new Map([
        ['p1', ['p3', 'p2']],
        ['p3', ['p1', 'p2']],
        ['p4', []],
      ]),
    );
    expect(await store.total()).toBe(8);
    expect(await store.boughtWith(['p1'], 1)).toEqual(new Map([['p1', ['p3']]]));
    await store.close();
  });
}
