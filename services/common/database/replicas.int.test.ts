/** Replicas are processes: what one connection's queue would hide inside one process shows up here. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { sqliteDatabases } from './test-databases.ts';

const run = promisify(execFile);
const replica = fileURLToPath(new URL('./test-replica.ts', import.meta.url));

test('processes that start on one empty SQLite folder migrate and seed it once, and sell nothing twice', async () => {
  await using databases = await sqliteDatabases();
  const config = await databases.fresh({ seed: true });
  const answers = await Promise.all(
    [1, 2, 3].map(async (n) => {
      const args = ['--conditions=source', '--disable-warning=ExperimentalWarning', replica];
      const { stdout } = await run(process.execPath, [...args, `r${n}`, JSON.stringify(config)]);
      return JSON.parse(stdout) as { products: number; kid: string; before: number; reserved: number };
    }),
  );
  expect(answers.map(({ products }) => products)).toEqual([1_000, 1_000, 1_000]);
  expect(new Set(answers.map(({ kid }) => kid)).size).toBe(1);
  // Each asked for all that p1 had, one piece at a time.
  const sold = answers.reduce((sum, { reserved }) => sum + reserved, 0);
  expect(sold).toBe(Math.max(...answers.map(({ before }) => before)));
});
