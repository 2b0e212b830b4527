import { expect, test } from '@jest/globals';
import { createWorld } from './create-world.ts';
import { createTwins } from './differ.ts';
import { printFinding, search } from './search.ts';

const worlds = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

// One schema over the same data, executed by graphql-js in one piece, is the measure. `npm run differential` looks
// longer, and README.md tells of what is known, as of world 14.
test('subgraphs answer random operations as one schema does', async () => {
  const { compared, findings } = await search(worlds(15, 10), 400);
  expect(findings.map(printFinding)).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(4_000);
}, 300_000);

test('when fetches fail, what is answered is true, and every null that should be none has an error', async () => {
  const { compared, findings } = await search(worlds(1_000, 4), 250, (twins, operation, data) =>
    twins.compareFailing(operation, data),
  );
  expect(findings.map(printFinding)).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(1_000);
}, 14_000);

test('a difference is found, and made small', async () => {
  await using twins = (await createTwins(createWorld(1)))!;
  expect(twins.isValid({ query: '{ __typename }', variables: {} })).toBe(true);
  const { findings } = await search([1], 50, async (_, { query }) =>
    query.includes('id') ? 'differs' : undefined,
  );
  expect(findings[0]!.operation.query.length).toBeLessThan(80);
});
