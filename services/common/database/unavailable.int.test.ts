import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort } from '../../../scripts/infra/free-port.ts';
import { openDatabase } from './database.ts';
import { sqliteDatabases } from './test-databases.ts';

test('a PostgreSQL that nobody serves is told in one line, without the password', async () => {
  const url = `postgres://shop:secret@localhost:${await freePort()}/shop`;
  const opening = openDatabase({ kind: 'postgres', url }, 'orders', {});
  await expect(opening).rejects.toMatchObject({
    name: 'UnavailableError',
    message: expect.stringMatching(/^orders: its database cannot be used: .*ECONNREFUSED.*$/),
  });
  await expect(opening).rejects.not.toThrow('secret');
});

test('a SQLite file that is none, and a folder that cannot be made, are told in one line', async () => {
  await using databases = await sqliteDatabases();
  const { database } = await databases.fresh();
  if (database.kind !== 'sqlite') throw new Error('not SQLite');
  const { close } = await openDatabase(database, 'orders', {});
  await close();
  const path = join(database.folder, 'orders.db');
  await writeFile(path, 'this is no database, and long enough not to be an empty one');
  await expect(openDatabase(database, 'orders', {})).rejects.toMatchObject({
    name: 'UnavailableError',
    message: 'orders: its database cannot be used: file is not a database',
  });
  const folder = join(path, 'below-a-file');
  await expect(openDatabase({ kind: 'sqlite', folder }, 'orders', {})).rejects.toMatchObject({
    name: 'UnavailableError',
    message: expect.stringContaining(folder),
  });
});
