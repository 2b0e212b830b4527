import { expect, test } from '@jest/globals';
import { hashPassword, verifyPassword } from './password.ts';

test('a password is recognised, another is not', async () => {
  const stored = await hashPassword('correct horse');
  expect(await verifyPassword('correct horse', stored)).toBe(true);
  expect(await verifyPassword('correct hors', stored)).toBe(false);
  expect(await verifyPassword('', stored)).toBe(false);
});

test('one password is never stored twice the same', async () => {
  expect(await hashPassword('a')).not.toBe(await hashPassword('a'));
});

test('a hash made with other parameters still verifies', async () => {
  // N=1024: what an older release might have stored.
  const old = 'scrypt$1024$8$1$c2FsdHNhbHRzYWx0c2FsdA$2gV1Saq1veWCmUrAr3eg1d3SuEa-b__BbFvqkR85zk4';
  expect(await verifyPassword('old password', old)).toBe(true);
  expect(await verifyPassword('other', old)).toBe(false);
});

test('one text in two Unicode forms is one password', async () => {
  expect(await verifyPassword('Cafe\u0301', await hashPassword('Caf\u00e9'))).toBe(true);
});

test('no password is that of a user who does not exist', async () => {
  expect(await verifyPassword('', undefined)).toBe(false);
});

test('a malformed hash is our fault, not a wrong password', async () => {
  await expect(verifyPassword('a', 'md5$abc')).rejects.toThrow('malformed');
});
