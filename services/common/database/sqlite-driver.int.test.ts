import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely';
import { GroupCommitDriver } from './sqlite-driver.ts';

interface Tables {
  notes: { id: number };
}

let folder: string;
let db: Kysely<Tables>;
let commits = 0;
/** Thrown by the next commit. */
let fault: Error | undefined;

/** A disk that can be full. */
class WatchedDatabase extends DatabaseSync {
  override prepare(sql: string): StatementSync {
    const statement = super.prepare(sql);
    if (sql !== 'commit') return statement;
    const run = statement.run.bind(statement);
    statement.run = () => {
      commits += 1;
      if (!fault) return run();
      const thrown = fault;
      fault = undefined;
      throw thrown;
    };
    return statement;
  }
}

class Dialect extends SqliteDialect {
  override createDriver() {
    return new GroupCommitDriver(() => new WatchedDatabase(join(folder, 'notes.db')));
  }

  override createAdapter() {
    return new (class extends SqliteAdapter {
      override get supportsMultipleConnections() {
        return true;
      }
    })();
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driver-'));
  db = new Kysely<Tables>({ dialect: new Dialect({ database: async () => Promise.reject() }) });
  await db.schema
    .createTable('notes')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .execute();
  commits = 0;
  fault = undefined;
});
afterEach(async () => {
  await db.destroy();
  await rm(folder, { recursive: true });
});

const add = (id: number, then: () => void = () => undefined) =>
  db.transaction().execute(async (trx) => {
    await trx.insertInto('notes').values({ id }).execute();
    then();
  });
const ids = async () =>
  (await db.selectFrom('notes').select('id').orderBy('id').execute()).map(({ id }) => id);
const refuse = () => {
  throw new Error('no');
};

test('transactions of one turn share a commit, and each is answered after it', async () => {
  const other = new DatabaseSync(join(folder, 'notes.db'));
  const seen: unknown[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, id) =>
      add(id).then(() => seen.push(other.prepare('select 1 as here from notes where id = ?').get(id)?.here)),
    ),
  );
  other.close();
  expect(seen).toEqual(Array(20).fill(1));
  expect(commits).toBe(1);
});

test('statements outside of a transaction share it too, reads of a neighbour that is not safe yet included', async () => {
  let told = false;
  const first = add(1).then(() => {
    told = true;
  });
  const [, , read] = await Promise.all([first, db.insertInto('notes').values({ id: 2 }).execute(), ids()]);
  expect(read).toEqual([1, 2]);
  expect(told).toBe(true);
  expect(commits).toBe(1);
});

test('one that is rolled back, or breaks a rule, takes nothing of its neighbours along', async () => {
  const ended = await Promise.allSettled([add(1), add(2, refuse), add(1), add(3)]);
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(await ids()).toEqual([1, 3]);
});

test('a commit that fails fails everybody whom it held, and nobody after', async () => {
  fault = new Error('disk full');
  const ended = await Promise.allSettled([add(1), add(2)]);
  expect(ended).toMatchObject(Array(2).fill({ status: 'rejected', reason: { message: 'disk full' } }));
  expect(await ids()).toEqual([]);
  await add(3);
  expect(await ids()).toEqual([3]);
});

test('closing waits for what is under way', async () => {
  const begun = Promise.withResolvers<void>();
  const added = add(1, begun.resolve);
  await begun.promise;
  await db.destroy();
  await added;
  const again = new DatabaseSync(join(folder, 'notes.db'));
  expect(again.prepare('select count(*) as count from notes').get()).toEqual({ count: 1 });
  again.close();
});
