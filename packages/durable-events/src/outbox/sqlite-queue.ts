import { type Kysely, sql } from 'kysely';
import { compileOnce } from '../compiled-query.ts';
import type { OutboxQueue, OutboxRow } from './outbox-queue.ts';
import { putOff } from './put-off.ts';
import { createLease } from './sqlite-lease.ts';
import type { OutboxTables } from './tables.ts';

/** One relay holds the lease, and no transaction stays open while it publishes: the file has one writer. */
export function createSqliteQueue(db: Kysely<OutboxTables>, leaseMs: number): OutboxQueue {
  const lease = createLease(db, leaseMs);
  /** Keys that a `take` of this queue works on: the lease keeps out other relays, not its own second one. */
  const taken = new Set<string>();
  let choosing: Promise<unknown> = Promise.resolve();
  const choose = async (limit: number): Promise<OutboxRow[]> => {
    const keys = JSON.stringify([...taken]);
    // Idle relays only look: taking the lease is a write.
    if ((await peek(db, { keys })).rows.length === 0 || !(await lease.hold())) return [];
    const { rows } = await select(db, { keys, now: Date.now(), limit: 4 * limit });
    for (const { key } of rows) taken.add(key);
    return rows;
  };
  return {
    async take(limit, work) {
      // One after the other: two that look at the same time would see the same rows.
      const chosen = choosing.then(() => choose(limit));
      choosing = chosen.catch(() => undefined);
      const rows = await chosen;
      if (rows.length === 0) return 0;
      const renewing = setInterval(() => void lease.hold().catch(() => {}), leaseMs / 3);
      try {
        const { done, failed } = await work(rows);
        // One statement is all or nothing by itself.
        if (failed.length === 0) await remove(db, { seqs: JSON.stringify(done) });
        else
          await db.transaction().execute(async (trx) => {
            await remove(trx, { seqs: JSON.stringify(done) });
            await putOff(trx, failed);
          });
      } finally {
        clearInterval(renewing);
        for (const { key } of rows) taken.delete(key);
      }
      return rows.length;
    },
    release: lease.release,
  };
}

const peek = compileOnce<OutboxTables, { readonly keys: string }>((db, value) =>
  sql`select 1 from durable_outbox where key not in (select value from json_each(${value('keys')})) limit 1`.compile(
    db,
  ),
);

/** A key waits as long as its first row does, wherever that is. */
const select = compileOnce<
  OutboxTables,
  { readonly keys: string; readonly now: number; readonly limit: number },
  OutboxRow
>((db, value) =>
  sql<OutboxRow>`
    select seq, id, event, key, headers, data, attempts from durable_outbox as o
    where key not in (select value from json_each(${value('keys')})) and not exists
      (select 1 from durable_outbox as e where e.key = o.key and e.next_attempt_at > ${value('now')})
    order by seq limit ${value('limit')}`.compile(db),
);

const remove = compileOnce<OutboxTables, { readonly seqs: string }>((db, value) =>
  sql`delete from durable_outbox where seq in (select value from json_each(${value('seqs')}))`.compile(db),
);
