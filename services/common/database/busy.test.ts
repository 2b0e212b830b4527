import { expect, test } from '@jest/globals';
import { untilUnlocked } from './busy.ts';

/** Fails with each of the errors in turn, then works. */
function failing(...errors: Error[]) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error) throw error;
    return `after ${errors.length - left.length}`;
  };
}
const sqlite = (errcode: number) => Object.assign(new Error('SQLite'), { errcode });

test('what meets a lock is tried again until it is free, snapshots that are too old included', async () => {
  await expect(untilUnlocked(failing(sqlite(5), sqlite(517)))).resolves.toBe('after 2');
});

test('any other error is told at once', async () => {
  const work = failing(sqlite(5), sqlite(19));
  await expect(untilUnlocked(work)).rejects.toMatchObject({ errcode: 19 });
  await expect(work()).resolves.toBe('after 2');
});
