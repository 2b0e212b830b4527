import type { Kysely, Transaction } from 'kysely';
import { compileOnce } from '../compiled-query.ts';
import { type OutboxTables, tablesOf } from './tables.ts';

/** Names one handling: an event's id within the group that handles it. */
export interface InboxEntry {
  readonly group: string;
  readonly id: string;
}

/**
 * Runs `effect` unless an earlier transaction with this entry has committed: with the effect in `trx`, it happens exactly once
 * however often the event is delivered. Two deliveries at the same time: the second waits for the first.
 *
 * @returns whether `effect` ran. Rejects as `effect` does; roll back then, so that the entry is not there either.
 */
export async function withInbox<DB>(
  trx: Transaction<DB>,
  { group, id }: InboxEntry,
  effect: () => Promise<unknown>,
): Promise<boolean> {
  const tables = tablesOf<OutboxTables>(trx as Transaction<unknown>);
  const { numAffectedRows } = await insert(tables, { grp: group, id, handled_at: Date.now() });
  if (!numAffectedRows) return false;
  await effect();
  return true;
}

const insert = compileOnce<OutboxTables, OutboxTables['durable_inbox']>((db, value) =>
  db
    .insertInto('durable_inbox')
    .values({ grp: value('grp'), id: value('id'), handled_at: value('handled_at') })
    .onConflict((conflict) => conflict.columns(['grp', 'id']).doNothing())
    .compile(),
);

/**
 * Forgets entries older than `age` ms (7 days). An event delivered once more after that would take effect again, so this has
 * to be longer than any redelivery may take: the longest outage, the oldest channel backup.
 *
 * @returns how many.
 */
export async function pruneInbox<DB>(db: Kysely<DB>, age = 7 * 86_400_000): Promise<number> {
  const { numDeletedRows } = await tablesOf<OutboxTables>(db as Kysely<unknown>)
    .deleteFrom('durable_inbox')
    .where('handled_at', '<', Date.now() - age)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
