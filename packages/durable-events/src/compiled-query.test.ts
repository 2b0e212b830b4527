import { expect, test } from '@jest/globals';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { compileOnce } from './compiled-query.ts';

interface Tables {
  notes: { id: number; text: string; due_at: number | null };
}

/** Runs nothing; tells what it would have run. */
function recording(dialect: 'sqlite' | 'postgres') {
  const ran: CompiledQuery[] = [];
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => (dialect === 'sqlite' ? new SqliteAdapter() : new PostgresAdapter()),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new SqliteIntrospector(of),
      createQueryCompiler: () =>
        dialect === 'sqlite' ? new SqliteQueryCompiler() : new PostgresQueryCompiler(),
    },
    log: ({ query }) => void ran.push(query),
  });
  return { db, ran: () => ran.map(({ sql, parameters }) => [sql, parameters]) };
}

function createUpdate() {
  const built: object[] = [];
  const update = compileOnce<Tables, Tables['notes']>((db, value) => {
    built.push(db);
    return db
      .updateTable('notes')
      .set({ due_at: value('due_at'), text: value('text') })
      .where('id', '=', value('id'))
      .where('text', '!=', 'fixed')
      .compile();
  });
  return { update, built };
}

test('a query is built once, and run with the values of each call where they belong', async () => {
  const { db, ran } = recording('sqlite');
  const { update, built } = createUpdate();
  await update(db, { id: 1, text: 'a', due_at: null });
  await db.transaction().execute((trx) => update(trx, { id: 2, text: 'b', due_at: 7 }));
  const sql = 'update "notes" set "due_at" = ?, "text" = ? where "id" = ? and "text" != ?';
  expect(ran()).toEqual([
    [sql, [null, 'a', 1, 'fixed']],
    [sql, [7, 'b', 2, 'fixed']],
  ]);
  expect(built).toHaveLength(1);
});

test('each database, and each schema of one, has its own', async () => {
  const [sqlite, postgres] = [recording('sqlite'), recording('postgres')];
  const { update } = createUpdate();
  const values = { id: 1, text: 'a', due_at: null };
  const shop = postgres.db.withSchema('shop');
  for (const db of [sqlite.db, postgres.db, shop, postgres.db, shop]) await update(db, values);
  await shop.transaction().execute((trx) => update(trx, values));
  expect(sqlite.ran().map(([sql]) => sql)).toEqual([expect.stringContaining('"due_at" = ?')]);
  const tables = postgres.ran().map(([sql]) => /^update (\S+) set "due_at" = \$1/.exec(String(sql))?.[1]);
  expect(tables).toEqual(['"notes"', '"shop"."notes"', '"notes"', '"shop"."notes"', '"shop"."notes"']);
});
