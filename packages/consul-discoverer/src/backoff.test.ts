import { expect, test } from '@jest/globals';
import { atMost, backoff, pause } from './backoff.ts';

test('waits double from 0.1 s to 5 s, half of each by chance', () => {
  expect([1, 2, 3, 7, 100].map((failures) => backoff(failures, () => 1))).toEqual([
    100, 200, 400, 5_000, 5_000,
  ]);
  expect(backoff(3, () => 0)).toBe(200);
});

test('a pause ends at the abort', async () => {
  const stop = new AbortController();
  const paused = pause(3_600_000, stop.signal);
  stop.abort();
  await expect(paused).resolves.toBeUndefined();
});

test('a courtesy neither hangs nor fails', async () => {
  await expect(atMost(10, new Promise(() => undefined))).resolves.toBeUndefined();
  await expect(atMost(10_000, Promise.reject(new Error('no')))).resolves.toBeUndefined();
});
