import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { isPostgres, type OutboxTables } from './tables.ts';

/** A row that waits, as the relay needs it. */
export interface OutboxRow {
  readonly seq: number;
  readonly id: string;
  readonly event: string;
  readonly key: string;
  readonly headers: string;
  readonly data: string;
  readonly attempts: number;
}

/** What became of a batch: rows to take away, and rows that wait for another attempt. */
export interface Published {
  readonly done: readonly number[];
  readonly failed: readonly { readonly seq: number; readonly nextAttemptAt: number }[];
}

/**
 * Gives out the rows of an outbox to one of several relays.
 *
 * Contract: while `work` runs, no other relay has a row of the same keys. Rows of one key come in order and without a gap,
 * beginning at the first that waits. What `work` answers is stored before `take` resolves; when the process dies in
 * between, rows that were published come again. Answers how many rows there were; 0 also when it is another's turn.
 */
export interface OutboxQueue {
  take(limit: number, work: (rows: OutboxRow[]) => Promise<Published>): Promise<number>;
  /** Lets another relay go on at once. */
  release(): Promise<void>;
}

/** @param leaseMs on SQLite, how long a relay that died keeps the others out. */
export function createOutboxQueue(db: Kysely<OutboxTables>, leaseMs = 10_000): OutboxQueue {
  return isPostgres(db as Kysely<unknown>) ? createPostgresQueue(db) : createSqliteQueue(db, leaseMs);
}

/**
 * Locks the first row of each key. A key whose first row another relay holds is skipped whole, since its later rows are
 * not first. The locks end with the transaction, hence also with the process.
 */
function createPostgresQueue(db: Kysely<OutboxTables>): OutboxQueue {
  return {
    take: (limit, work) =>
      db.transaction().execute(async (trx) => {
        const heads = await trx
          .selectFrom('durable_outbox as o')
          .select('o.key')
          .where('o.next_attempt_at', '<=', Date.now())
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('durable_outbox as e')
                  .select('e.seq')
                  .whereRef('e.key', '=', 'o.key')
                  .whereRef('e.seq', '<', 'o.seq'),
              ),
            ),
          )
          .orderBy('o.seq')
          .limit(limit)
          .forUpdate()
          .skipLocked()
          .execute();
        if (heads.length === 0) return 0;
        // What is behind a locked first row is nobody else's: to all others it is not first.
        const rows = await trx
          .selectFrom('durable_outbox')
          .selectAll()
          .where(
            'key',
            'in',
            heads.map(({ key }) => key),
          )
          .orderBy('seq')
          .limit(4 * limit)
          .execute();
        const batch = rows.map((row) => ({ ...row, seq: Number(row.seq) }));
        await store(trx, await work(batch));
        return batch.length;
      }),
    release: async () => {},
  };
}

/** SQLite has one writer and no row locks: one relay holds the lease, and no transaction stays open while it publishes. */
function createSqliteQueue(db: Kysely<OutboxTables>, leaseMs: number): OutboxQueue {
  const owner = randomUUID();
  const acquire = async (): Promise<boolean> => {
    const now = Date.now();
    const { rows } = await sql<{ owner: string }>`
      insert into durable_outbox_lease (id, owner, until) values (1, ${owner}, ${now + leaseMs})
      on conflict (id) do update set owner = excluded.owner, until = excluded.until
      where owner = excluded.owner or until < ${now} returning owner`.execute(db);
    return rows.length > 0;
  };
  return {
    async take(limit, work) {
      const waiting = await db.selectFrom('durable_outbox').select('seq').limit(1).execute();
      if (waiting.length === 0 || !(await acquire())) return 0;
      const now = Date.now();
      const rows = await db
        .selectFrom('durable_outbox as o')
        .selectAll()
        // A key waits as long as its first row does, wherever that is.
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('durable_outbox as e')
                .select('e.seq')
                .whereRef('e.key', '=', 'o.key')
                .where('e.next_attempt_at', '>', now),
            ),
          ),
        )
        .orderBy('o.seq')
        .limit(4 * limit)
        .execute();
      if (rows.length === 0) return 0;
      const renewing = setInterval(() => void acquire().catch(() => {}), leaseMs / 3);
      try {
        const published = await work(rows);
        await db.transaction().execute((trx) => store(trx, published));
      } finally {
        clearInterval(renewing);
      }
      return rows.length;
    },
    async release() {
      await db.deleteFrom('durable_outbox_lease').where('owner', '=', owner).execute();
    },
  };
}

async function store(db: Kysely<OutboxTables>, { done, failed }: Published): Promise<void> {
  if (done.length > 0)
    await db
      .deleteFrom('durable_outbox')
      .where('seq', 'in', [...done])
      .execute();
  for (const { seq, nextAttemptAt } of failed)
    await db
      .updateTable('durable_outbox')
      .set(({ eb }) => ({ attempts: eb('attempts', '+', 1), next_attempt_at: nextAttemptAt }))
      .where('seq', '=', seq)
      .execute();
}
