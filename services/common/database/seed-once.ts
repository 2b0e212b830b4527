import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { untilUnlocked } from './busy.ts';

/** What was filled into a database, by name. Every service's database has this table. */
export const createSeeds: Migration = {
  async up(db) {
    await db.schema
      .createTable('seeds')
      .addColumn('name', 'varchar(100)', (column) => column.primaryKey())
      .execute();
  },
};

/**
 * Runs `fill` in a transaction if `name` was never filled into this database before: once among all replicas, for ever.
 */
export async function seedOnce<Tables>(
  db: Kysely<Tables>,
  name: string,
  fill: (tx: Kysely<Tables>) => Promise<void>,
): Promise<void> {
  if (await wasSeeded(db, name)) return;
  const run = async (tx: Kysely<Tables>) => {
    // The row is the lock: a replica that inserts it too waits for this transaction and then inserts nothing.
    const mine = await (tx as unknown as Kysely<{ seeds: { name: string } }>)
      .insertInto('seeds')
      .values({ name })
      .onConflict((conflict) => conflict.doNothing())
      .returning('name')
      .executeTakeFirst();
    if (mine) await fill(tx);
  };
  await untilUnlocked(() => db.transaction().execute(run));
}

/** Has `seedOnce` filled `name` into this database? */
export async function wasSeeded<Tables>(db: Kysely<Tables>, name: string): Promise<boolean> {
  const seeds = db as unknown as Kysely<{ seeds: { name: string } }>;
  return (
    (await seeds.selectFrom('seeds').select('name').where('name', '=', name).executeTakeFirst()) !== undefined
  );
}

/** Rows per statement, below the limits on bound parameters (32,766 in SQLite). */
const BATCH = 250;

/** Inserts many rows in few statements. Call it in a transaction. */
export async function insertAll<Row>(
  rows: readonly Row[],
  insert: (batch: readonly Row[]) => { execute(): Promise<unknown> },
): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH)
    await insert(rows.slice(start, start + BATCH)).execute();
}
