import { expect, test } from '@jest/globals';
import { type MailFailure, unsentMails } from './unsent.ts';

const failure = (id: string, failedAt: number): MailFailure => ({
  ...{ id, kind: 'WELCOME', userId: 'u1', attempts: 2, code: 'FAULT_INJECTED', message: 'no', failedAt },
});
const letter = (id: string, key: string, diedAt: number) => ({
  ...{ id, attempts: 3, diedAt, reason: { code: 'NO_RECIPIENT', message: 'nobody' } },
  message: { id: `m${id}`, key, headers: {}, data: new Uint8Array() },
});

test('a mail that failed is told once, as a dead letter where it is one, latest first', () => {
  const unsent = unsentMails([failure('a', 1), failure('b', 2)], [letter('9', 'a', 5)]);
  expect(unsent).toEqual([
    {
      ...{ id: 'a', kind: 'WELCOME', userId: 'u1', attempts: 3, failedAt: 5, deadLetter: '9' },
      ...{ code: 'NO_RECIPIENT', message: 'nobody' },
    },
    { ...failure('b', 2), deadLetter: null },
  ]);
});

test('a job that could never be read is told by its dead letter alone', () => {
  expect(unsentMails([], [letter('9', 'x', 5)])).toMatchObject([{ id: 'x', kind: null, userId: null }]);
});
