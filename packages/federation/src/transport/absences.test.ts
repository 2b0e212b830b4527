import { expect, test } from '@jest/globals';
import { Absences, WAIT_FOR_RETURN_MS } from './absences.ts';

test('an action that has just gone is waited for, one that is gone is not, and its return forgets all that', () => {
  let now = 0;
  let there = true;
  const absences = new Absences(
    () => there,
    () => now,
  );
  expect(absences.worthWaiting('a')).toBe(true);
  there = false;
  now = 60_000;
  expect(absences.worthWaiting('a')).toBe(true);
  now += WAIT_FOR_RETURN_MS - 1;
  expect(absences.worthWaiting('a')).toBe(true);
  now += 1;
  expect(absences.worthWaiting('a')).toBe(false);
  there = true;
  expect(absences.worthWaiting('a')).toBe(true);
  there = false;
  expect(absences.worthWaiting('a')).toBe(true);
});
