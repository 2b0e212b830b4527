import { expect, test } from '@jest/globals';
import { reportOf } from './report.ts';

const good = { what: 'orders', expected: 10, found: 10 };
const bad = { what: 'mails missing', expected: 0, found: 3 };

test('each check is a line, and the verdict stands below', () => {
  expect(reportOf([good])).toBe(
    'check   expected  found\norders        10     10  ok\n\nAll 1 checks hold: nothing lost, nothing doubled.\n',
  );
});

test('one that does not hold is marked, and decides', () => {
  const report = reportOf([good, bad]);
  expect(report).toMatch(/^mails missing +0 +3 +WRONG$/m);
  expect(report.trim().split('\n').at(-1)).toBe('1 of 2 checks do NOT hold.');
});
