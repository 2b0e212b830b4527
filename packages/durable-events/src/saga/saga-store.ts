import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../outbox/tables.ts';
import type { SagaRecord } from './saga.ts';
import { dueAt } from './transition.ts';

export interface SagaTables {
  durable_saga: {
    saga: string;
    id: string;
    status: string;
    /** The rest of the record as JSON: always read and written whole. */
    record: string;
    version: number;
    /** When there is something to do; null: nothing. PostgreSQL answers times as text. */
    due_at: number | null;
    updated_at: number;
    lease_owner: string | null;
    lease_until: number;
  };
}

/** For Kysely's Migrator, in the service's own migrations. */
export const sagaMigration: Migration = {
  async up(db) {
    await db.schema
      .createTable('durable_saga')
      .addColumn('saga', 'text', (col) => col.notNull())
      .addColumn('id', 'text', (col) => col.notNull())
      .addColumn('status', 'text', (col) => col.notNull())
      .addColumn('record', 'text', (col) => col.notNull())
      .addColumn('version', 'integer', (col) => col.notNull())
      .addColumn('due_at', 'bigint')
      .addColumn('updated_at', 'bigint', (col) => col.notNull())
      .addColumn('lease_owner', 'text')
      .addColumn('lease_until', 'bigint', (col) => col.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('durable_saga_pkey', ['saga', 'id'])
      .execute();
    await db.schema.createIndex('durable_saga_due').on('durable_saga').columns(['due_at']).execute();
    await db.schema
      .createIndex('durable_saga_status')
      .on('durable_saga')
      .columns(['status', 'updated_at'])
      .execute();
  },
  async down(db) {
    await db.schema.dropTable('durable_saga').execute();
  },
};

/** Which sagas: of a name, in a state, unchanged for some ms. */
export interface SagaQuery {
  readonly saga?: string;
  readonly status?: SagaRecord['status'];
  readonly unchangedFor?: number;
  /** 100 by default. */
  readonly limit?: number;
}

/** Writes a new instance; false when there is one with this id. */
export async function insertSaga(db: Kysely<SagaTables>, record: SagaRecord): Promise<boolean> {
  const { saga, id } = record;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('durable_saga')
    .values({ saga, id, ...columns(record), lease_owner: null, lease_until: 0 })
    .onConflict((conflict) => conflict.columns(['saga', 'id']).doNothing())
    .executeTakeFirst();
  return Boolean(numInsertedOrUpdatedRows);
}

export async function readSaga(
  db: Kysely<SagaTables>,
  saga: string,
  id: string,
): Promise<SagaRecord | undefined> {
  const row = await db
    .selectFrom('durable_saga')
    .select('record')
    .where('saga', '=', saga)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && (JSON.parse(row.record) as SagaRecord);
}

/**
 * Applies `change` to the instance as it is now, again when somebody else changed it meanwhile.
 * @param known what it was a moment ago, which spares a look; it need not be right.
 * @returns what is stored then; undefined when there is no such instance.
 */
export async function changeSaga(
  db: Kysely<SagaTables>,
  saga: string,
  id: string,
  change: (record: SagaRecord) => SagaRecord,
  known?: SagaRecord,
): Promise<SagaRecord | undefined> {
  for (let before = known ?? (await readSaga(db, saga, id)); ; before = await readSaga(db, saga, id)) {
    const after = before && change(before);
    // What is known may be old: that it needs no change is seen in what is stored.
    if (before === known && after === before && known) continue;
    if (!after || !before || after === before) return after;
    const { numUpdatedRows } = await db
      .updateTable('durable_saga')
      .set(columns(after))
      .where('saga', '=', saga)
      .where('id', '=', id)
      .where('version', '=', before.version)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return after;
  }
}

export async function listSagas(db: Kysely<SagaTables>, query: SagaQuery): Promise<SagaRecord[]> {
  let select = db
    .selectFrom('durable_saga')
    .select('record')
    .orderBy('updated_at')
    .limit(query.limit ?? 100);
  if (query.saga !== undefined) select = select.where('saga', '=', query.saga);
  if (query.status !== undefined) select = select.where('status', '=', query.status);
  if (query.unchangedFor !== undefined)
    select = select.where('updated_at', '<=', Date.now() - query.unchangedFor);
  return (await select.execute()).map(({ record }) => JSON.parse(record) as SagaRecord);
}

/** How many are stuck, by saga; those of which none is are left out. */
export async function countStuck(db: Kysely<SagaTables>): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('durable_saga')
    .select(({ fn }) => ['saga', fn.countAll().as('count')])
    .where('status', '=', 'stuck')
    .groupBy('saga')
    .execute();
  return new Map(rows.map(({ saga, count }) => [saga, Number(count)]));
}

export interface Claim {
  readonly saga: string;
  readonly id: string;
  /** Stands for the claimant in this claim. */
  readonly holder: string;
  /** As it was claimed. */
  readonly record: SagaRecord;
}

/** Of a claim whose last holder let its lease run out instead of giving it back. */
const TAKEN = 'taken/';
export const isTakenOver = ({ holder }: Pick<Claim, 'holder'>): boolean => holder.startsWith(TAKEN);

/** Takes up to `limit` instances with something due that nobody holds, for `leaseMs`. No two claimants get the same one. */
export async function claimSagas(
  db: Kysely<SagaTables>,
  owner: string,
  sagas: readonly string[],
  limit: number,
  leaseMs: number,
): Promise<Claim[]> {
  const now = Date.now();
  const skip = isPostgres(db as Kysely<unknown>) ? sql`for update skip locked` : sql``;
  // Whoever gives a lease back leaves 0 behind.
  const { rows } = await sql<Omit<Claim, 'record'> & { record: string }>`
    update durable_saga set
      lease_owner = case when lease_until = 0 then cast(${owner} as text) else cast(${TAKEN + owner} as text) end,
      lease_until = ${now + leaseMs}
    where (saga, id) in (
      select saga, id from durable_saga
      where due_at <= ${now} and lease_until < ${now} and saga in (${sql.join(sagas)})
      order by due_at limit ${limit} ${skip})
    returning saga, id, lease_owner as holder, record`.execute(db);
  return rows.map((row) => ({ ...row, record: JSON.parse(row.record) as SagaRecord }));
}

/** False when the lease is another's by now. @param leaseMs 0 gives it back. */
export async function renewLease(
  db: Kysely<SagaTables>,
  { saga, id, holder }: Claim,
  leaseMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('durable_saga')
    .set({ lease_until: leaseMs === 0 ? 0 : Date.now() + leaseMs })
    .where('saga', '=', saga)
    .where('id', '=', id)
    .where('lease_owner', '=', holder)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function columns(record: SagaRecord) {
  return {
    status: record.status,
    record: JSON.stringify(record),
    version: record.version,
    due_at: dueAt(record) ?? null,
    updated_at: record.updatedAt,
  };
}
