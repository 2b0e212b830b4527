import { expect, test } from '@jest/globals';
import { printFinding, search } from './search.ts';
import { searchInParallel } from './search-in-parallel.ts';

const worlds = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

// One schema over the same data, executed by graphql-js in one piece, is the measure. `npm run differential` looks longer.
test('subgraphs answer 20,000 random operations as one schema does', async () => {
  const { compared, findings } = await searchInParallel(worlds(1, 50), 400);
  expect(findings.map(printFinding)).toEqual([]);
  expect(compared).toBe(20_000);
}, 600_000);

test('when fetches fail, what is answered is true, and every null that should be none has an error', async () => {
  const { compared, findings } = await searchInParallel(worlds(1_000, 4), 250, 'failing');
  expect(findings.map(printFinding)).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(1_000);
}, 300_000);

test('a difference is found, and made small', async () => {
  const { findings } = await search([1], 400, async (_, { query }) =>
    query.includes('__typename') ? 'differs' : undefined,
  );
  const { query } = findings[0]!.operation;
  expect(query).toContain('__typename');
  expect(query).not.toMatch(/fragment|mutation|@|\$|\w:/);
});
