import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { missingOptionalPackages } from './lockfile.ts';

test('an optional package may be beside its dependent or in any folder above', () => {
  const packages = {
    '': { optionalDependencies: { a: '1', b: '1' } },
    'node_modules/a': { optionalDependencies: { c: '1', d: '1', e: '1' } },
    'node_modules/c': {},
    'node_modules/a/node_modules/d': {},
  };
  expect(missingOptionalPackages({ packages })).toEqual(['b@1', 'e@1']);
});

test('package-lock.json names the binaries of every platform, so that npm ci takes it', async () => {
  const text = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8');
  expect(missingOptionalPackages(JSON.parse(text))).toEqual([]);
});
