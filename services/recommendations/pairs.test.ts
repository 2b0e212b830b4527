import { expect, test } from '@jest/globals';
import { pairsOf } from './pairs.ts';

test('a product alone was bought with nothing', () => {
  expect(pairsOf(['p1'])).toEqual([]);
  expect(pairsOf(['p1', 'p1'])).toEqual([]);
});

test('each product was bought with each other, in an order that does not hang on the lines’', () => {
  const pairs = pairsOf(['p2', 'p1', 'p3']);
  expect(pairs).toEqual(pairsOf(['p3', 'p2', 'p1']));
  expect(pairs).toContainEqual({ productId: 'p1', otherId: 'p3' });
  expect(pairs).toHaveLength(6);
});
