import type { Transaction } from 'kysely';
import { compileOnce } from '../compiled-query.ts';
import { type CloudEvent, toMessage } from '../event/cloud-event.ts';
import { checkMessage } from '../validate.ts';
import { type OutboxTables, tablesOf } from './tables.ts';

/** What is refused here would hold back its key for ever: no channel takes more than a little below this. */
const ROOM = 8_192;
const MAX_BYTES = 1_048_576 - ROOM;

const toText = new TextDecoder();

type NewRow = Pick<
  OutboxTables['durable_outbox'],
  'id' | 'event' | 'key' | 'headers' | 'data' | 'created_at'
>;

/**
 * Writes an event beside the change that it tells of: both are there after the commit, or neither. A relay publishes it.
 * The same event twice is written once. Order per key is the order of these calls, as long as transactions that write
 * events of one key exclude each other, as those that change the same row do.
 *
 * @throws DurableEventError INVALID_MESSAGE, MESSAGE_TOO_LARGE: a good reason to roll back.
 */
export async function withOutbox<DB>(trx: Transaction<DB>, event: CloudEvent): Promise<void> {
  const message = toMessage(event);
  checkMessage(event.type, message, MAX_BYTES);
  const { id, key, headers, data } = message;
  await insert(tablesOf<OutboxTables>(trx as Transaction<unknown>), {
    ...{ id, key, event: event.type, headers: JSON.stringify(headers) },
    ...{ data: toText.decode(data), created_at: Date.now() },
  });
}

const insert = compileOnce<OutboxTables, NewRow>((db, value) =>
  db
    .insertInto('durable_outbox')
    .values({
      ...{ id: value('id'), event: value('event'), key: value('key'), headers: value('headers') },
      ...{ data: value('data'), created_at: value('created_at'), attempts: 0, next_attempt_at: 0 },
    })
    .onConflict((conflict) => conflict.columns(['event', 'id']).doNothing())
    .compile(),
);
