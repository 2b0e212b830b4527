import { type Kysely, sql } from 'kysely';
import { compileOnce } from '../compiled-query.ts';
import { isPostgres } from '../outbox/tables.ts';
import type { SagaRecord } from './saga.ts';
import type { SagaTables } from './saga-tables.ts';
import { dueAt } from './transition.ts';

/** Which sagas: of a name, in a state, unchanged for some ms. */
export interface SagaQuery {
  readonly saga?: string;
  readonly status?: SagaRecord['status'];
  readonly unchangedFor?: number;
  /** 100 by default. */
  readonly limit?: number;
}

type Row = SagaTables['durable_saga'];
type Columns = Pick<Row, 'status' | 'record' | 'version' | 'due_at' | 'updated_at'>;

const insert = compileOnce<SagaTables, Columns & Pick<Row, 'saga' | 'id'>>((db, value) =>
  db
    .insertInto('durable_saga')
    .values({
      ...{ saga: value('saga'), id: value('id'), status: value('status'), record: value('record') },
      ...{ version: value('version'), due_at: value('due_at'), updated_at: value('updated_at') },
      ...{ lease_owner: null, lease_until: 0 },
    })
    .onConflict((conflict) => conflict.columns(['saga', 'id']).doNothing())
    .compile(),
);

const select = compileOnce<SagaTables, Pick<Row, 'saga' | 'id'>, Pick<Row, 'record'>>((db, value) =>
  db
    .selectFrom('durable_saga')
    .select('record')
    .where('saga', '=', value('saga'))
    .where('id', '=', value('id'))
    .compile(),
);

const update = compileOnce<SagaTables, Columns & Pick<Row, 'saga' | 'id'> & { readonly before: number }>(
  (db, value) =>
    db
      .updateTable('durable_saga')
      .set({
        ...{ status: value('status'), record: value('record'), version: value('version') },
        ...{ due_at: value('due_at'), updated_at: value('updated_at') },
      })
      .where('saga', '=', value('saga'))
      .where('id', '=', value('id'))
      .where('version', '=', value('before'))
      .compile(),
);

const renew = compileOnce<SagaTables, Pick<Row, 'saga' | 'id' | 'lease_until'> & { readonly holder: string }>(
  (db, value) =>
    db
      .updateTable('durable_saga')
      .set({ lease_until: value('lease_until') })
      .where('saga', '=', value('saga'))
      .where('id', '=', value('id'))
      .where('lease_owner', '=', value('holder'))
      .compile(),
);

/** Writes a new instance; false when there is one with this id. */
export async function insertSaga(db: Kysely<SagaTables>, record: SagaRecord): Promise<boolean> {
  const { saga, id } = record;
  const { numAffectedRows } = await insert(db, { saga, id, ...columns(record) });
  return Boolean(numAffectedRows);
}

export async function readSaga(
  db: Kysely<SagaTables>,
  saga: string,
  id: string,
): Promise<SagaRecord | undefined> {
  const { rows } = await select(db, { saga, id });
  return rows[0] && (JSON.parse(rows[0].record) as SagaRecord);
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
    const { numAffectedRows } = await update(db, { saga, id, before: before.version, ...columns(after) });
    if (numAffectedRows === 1n) return after;
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
  const lease_until = leaseMs === 0 ? 0 : Date.now() + leaseMs;
  const { numAffectedRows } = await renew(db, { saga, id, holder, lease_until });
  return numAffectedRows === 1n;
}

function columns(record: SagaRecord): Columns {
  return {
    status: record.status,
    record: JSON.stringify(record),
    version: record.version,
    due_at: dueAt(record) ?? null,
    updated_at: record.updatedAt,
  };
}
