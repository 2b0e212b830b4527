import type { Kysely } from 'kysely';
import type { Published } from './outbox-queue.ts';
import type { OutboxTables } from './tables.ts';

/** Notes what could not be published, and when it is tried again. */
export async function putOff(db: Kysely<OutboxTables>, failed: Published['failed']): Promise<void> {
  for (const { seq, nextAttemptAt } of failed)
    await db
      .updateTable('durable_outbox')
      .set(({ eb }) => ({ attempts: eb('attempts', '+', 1), next_attempt_at: nextAttemptAt }))
      .where('seq', '=', seq)
      .execute();
}
