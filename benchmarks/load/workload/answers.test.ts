import { expect, test } from '@jest/globals';
import { rightAnswer } from './answers.ts';

test('the heavy answer has 86 KB, as in the comparisons that others publish', async () => {
  const bytes = Buffer.byteLength(await rightAnswer('heavy'));
  expect(Math.round(bytes / 1_000)).toBe(86);
});

test('the simple answer is one field of five products', async () => {
  const { data } = JSON.parse(await rightAnswer('simple'));
  expect(data.topProducts).toHaveLength(5);
  expect(Object.keys(data.topProducts[0])).toEqual(['name']);
});
