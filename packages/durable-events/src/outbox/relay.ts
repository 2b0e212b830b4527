import type { Kysely } from 'kysely';
import { backoffDelay } from '../attempt.ts';
import type { Channel, Logger } from '../channel.ts';
import { createNap, type Nap } from '../nap.ts';
import { createOutboxQueue, type OutboxRow, type Published } from './outbox-queue.ts';
import { type OutboxTables, tablesOf } from './tables.ts';

export interface RelayOptions<DB> {
  readonly db: Kysely<DB>;
  readonly channel: Pick<Channel, 'publish'>;
  readonly logger?: Logger;
  /** ms between looks into an empty outbox: what an event waits at most where nobody calls `wake`. 50 by default. */
  readonly pollInterval?: number;
  /** ms before an event that could not be published is tried again. 100 ms up to 30 s by default. */
  readonly backoff?: { readonly initial: number; readonly max: number };
  /** ms after which another relay goes on for a dead one, on SQLite; PostgreSQL notices by itself. 10 000 by default. */
  readonly leaseMs?: number;
  /** Called about once a second, for a gauge. */
  readonly onLag?: (lag: Lag) => void;
}

export interface Lag {
  /** Events not yet published. */
  readonly waiting: number;
  /** Age of the oldest of them in ms; 0 when there is none. */
  readonly oldest: number;
}

/**
 * Publishes what `withOutbox` wrote: at least once, in order per key, for ever. An event that cannot be published holds
 * back its own key only. Any number of relays, in any process, may work on one outbox.
 */
export interface Relay {
  /** Looks into the outbox now: for use after a commit. */
  wake(): void;
  lag(): Promise<Lag>;
  /** Publishes no more; waits for what is on its way. */
  stop(): Promise<void>;
}

const KEYS_AT_ONCE = 100;
const UNTIL_WOKEN = 2 ** 31 - 1;
const LAG_EVERY_MS = 1_000;

export function startRelay<DB>(options: RelayOptions<DB>): Relay {
  const { channel, logger, pollInterval = 50, backoff = { initial: 100, max: 30_000 } } = options;
  const db = tablesOf<OutboxTables>(options.db as Kysely<unknown>);
  const queue = createOutboxQueue(db, options.leaseMs);
  const stopping = new AbortController();
  const [nap, helperNap] = [createNap(), createNap()];
  let failures = 0;

  const publishKey = async (rows: OutboxRow[], done: number[]): Promise<Published['failed']> => {
    for (const row of rows) {
      if (stopping.signal.aborted) return [];
      try {
        await channel.publish(row.event, toMessage(row));
        done.push(row.seq);
      } catch (error) {
        if (stopping.signal.aborted) return [];
        const wait = backoffDelay(backoff, row.attempts + 1);
        logger?.warn(`${row.event} ${row.id} could not be published, next attempt in ${wait} ms:`, error);
        return [{ seq: row.seq, nextAttemptAt: Date.now() + wait }];
      }
    }
    return [];
  };
  const publish = async (rows: OutboxRow[]): Promise<Published> => {
    if (rows.length >= KEYS_AT_ONCE) helperNap.wake();
    const done: number[] = [];
    const keys = Map.groupBy(rows, ({ key }) => key);
    const failed = await Promise.all([...keys.values()].map((ofKey) => publishKey(ofKey, done)));
    return { done, failed: failed.flat() };
  };
  const lag = async (): Promise<Lag> => {
    const row = await db
      .selectFrom('durable_outbox')
      .select(({ fn }) => [fn.countAll().as('waiting'), fn.min('created_at').as('since')])
      .executeTakeFirstOrThrow();
    const since = row.since === null ? undefined : Number(row.since);
    return {
      waiting: Number(row.waiting),
      oldest: since === undefined ? 0 : Math.max(0, Date.now() - since),
    };
  };

  const run = async (own: Nap, idle: number) => {
    let reported = 0;
    while (!stopping.signal.aborted) {
      try {
        const count = await queue.take(KEYS_AT_ONCE, publish);
        failures = 0;
        if (options.onLag && own === nap && Date.now() - reported >= LAG_EVERY_MS) {
          reported = Date.now();
          options.onLag(await lag());
        }
        if (count === 0) await own.sleep(idle);
      } catch (error) {
        // The database is away, or a batch was rolled back: what was published comes again, under the same ids.
        const wait = backoffDelay(backoff, ++failures);
        logger?.error(`the outbox cannot be read or written, next attempt in ${wait} ms:`, error);
        await own.sleep(wait);
      }
    }
  };
  // The second one sees to what is committed, or left over, while the first still has a batch on its way.
  const running = Promise.all([run(nap, pollInterval), run(helperNap, UNTIL_WOKEN)]).then(() =>
    queue.release().catch(() => {}),
  );
  const wake = () => {
    if (!nap.asleep) helperNap.wake();
    nap.wake();
  };

  return {
    wake,
    lag,
    async stop() {
      stopping.abort();
      nap.wake();
      helperNap.wake();
      await running;
    },
  };
}

const toBytes = new TextEncoder();

function toMessage({ id, key, headers, data }: OutboxRow) {
  return {
    id,
    key,
    headers: JSON.parse(headers) as Record<string, string>,
    data: toBytes.encode(data),
  };
}
