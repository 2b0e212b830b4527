import { expect, test } from '@jest/globals';
import { inBatches } from './batches.ts';

/** Takes all but negative numbers. */
function createLog() {
  const batches: number[][] = [];
  const add = inBatches<number>(async (items) => {
    batches.push([...items]);
    if (items.some((item) => item < 0)) throw new Error(`${items} refused`);
  });
  return { batches, add };
}

test('what is asked for in one turn is written together, a hundred at a time', async () => {
  const { batches, add } = createLog();
  await Promise.all(Array.from({ length: 150 }, (_, item) => add(item)));
  await add(150);
  expect(batches.map(({ length }) => length)).toEqual([100, 50, 1]);
});

test('one that cannot be written rejects alone; the others of its batch are written', async () => {
  const { batches, add } = createLog();
  const outcomes = await Promise.allSettled([add(1), add(-2), add(3)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: new Error('-2 refused') });
  expect(batches).toEqual([[1, -2, 3], [1], [-2], [3]]);
});

test('the same asked for twice is written twice, in one batch', async () => {
  const { batches, add } = createLog();
  await Promise.all([add(1), add(1)]);
  expect(batches).toEqual([[1, 1]]);
});
