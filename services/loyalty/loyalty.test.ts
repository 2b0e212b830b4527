import { expect, test } from '@jest/globals';
import { euros } from '../common/money.ts';
import { pointsFor, tierOf } from './loyalty.ts';

test.each([
  [0, 0],
  [99, 0],
  [100, 1],
  [199, 1],
  [123_456, 1_234],
])('an order of %i cents is worth %i points', (amount, points) =>
  expect(pointsFor(euros(amount))).toBe(points),
);

test.each([
  [0, 'BRONZE'],
  [499, 'BRONZE'],
  [500, 'SILVER'],
  [1_999, 'SILVER'],
  [2_000, 'GOLD'],
])('%i points are %s', (points, tier) => expect(tierOf(points)).toBe(tier));
