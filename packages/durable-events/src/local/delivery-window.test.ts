import { expect, test } from '@jest/globals';
import { DeliveryWindow } from './delivery-window.ts';

const nobody: ReadonlySet<string> = new Set();
const windowOf = (...keys: string[]): DeliveryWindow => {
  const window = new DeliveryWindow();
  for (const [at, key] of keys.entries())
    window.add({ seq: at + 1, key, message: at + 1, attempts: 0, dueAt: 0 });
  return window;
};
const seqs = (window: DeliveryWindow, now: number, busy = nobody, limit = 10): number[] =>
  window.due(now, busy, limit).map(({ seq }) => seq);

test('the first of each key is due, in order, up to the limit', () => {
  const window = windowOf('a', 'a', 'b', 'c');
  expect(seqs(window, 0)).toEqual([1, 3, 4]);
  expect(seqs(window, 0, nobody, 2)).toEqual([1, 3]);
});

test('a key that is busy, or whose first was put off, holds back what is behind it and nothing else', () => {
  const window = windowOf('a', 'b', 'a', 'b', 'c');
  window.putOff(2, 500);
  expect(seqs(window, 499, new Set(['a']))).toEqual([5]);
  expect(seqs(window, 500)).toEqual([1, 2, 5]);
});

test('the next of a key comes when the one before it is gone', () => {
  const window = windowOf('a', 'a');
  window.remove(1);
  window.remove(1);
  expect(seqs(window, 0)).toEqual([2]);
  expect(window.size).toBe(1);
});

test('the next time to look is the earliest of what was put off', () => {
  const window = windowOf('a', 'b', 'c');
  expect(window.nextDueAt(0)).toBeUndefined();
  window.putOff(1, 900);
  window.putOff(2, 700);
  expect(window.nextDueAt(0)).toBe(700);
  expect(window.nextDueAt(700)).toBe(900);
  window.remove(1);
  expect(window.nextDueAt(700)).toBeUndefined();
});
