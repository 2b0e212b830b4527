import type { Kysely } from 'kysely';
import type { OutboxQueue } from './outbox-queue.ts';
import { putOff } from './put-off.ts';
import type { OutboxTables } from './tables.ts';

/**
 * Locks the first row of each key. A key whose first row another relay holds is skipped whole, since its later rows are
 * not first. The locks end with the transaction, hence also with the process.
 */
export function createPostgresQueue(db: Kysely<OutboxTables>): OutboxQueue {
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
        const { done, failed } = await work(batch);
        if (done.length > 0)
          await trx
            .deleteFrom('durable_outbox')
            .where('seq', 'in', [...done])
            .execute();
        await putOff(trx, failed);
        return batch.length;
      }),
    release: async () => {},
  };
}
