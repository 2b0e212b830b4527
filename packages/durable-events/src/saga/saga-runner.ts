import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { ServiceBroker } from 'moleculer';
import type { Logger } from '../channel.ts';
import type { Origin } from '../event/event-type.ts';
import { createNap } from '../nap.ts';
import { tablesOf } from '../outbox/tables.ts';
import { createInstanceRunner } from './instance-runner.ts';
import { SAGA_FAULT, type Saga, type SagaRecord } from './saga.ts';
import {
  changeSaga,
  claimSagas,
  countStuck,
  insertSaga,
  listSagas,
  readSaga,
  type SagaQuery,
} from './saga-store.ts';
import type { SagaTables } from './saga-tables.ts';
import { createStuckGauge, REPORT_EVERY_MS } from './stuck-gauge.ts';
import { advance, begin, resume } from './transition.ts';

export interface SagaRunnerOptions<DB> {
  readonly db: Kysely<DB>;
  /** Makes the calls; its metrics, where it has them, get the gauge `durable.sagas.stuck`. */
  readonly broker: Pick<ServiceBroker, 'call'> & Partial<Pick<ServiceBroker, 'metrics'>>;
  readonly sagas: readonly Saga<unknown>[];
  readonly logger?: Logger;
  /** ms that one attempt at a command may take. 5 000 by default. */
  readonly callTimeout?: number;
  /** ms after which the instances of a dead replica go to others; renewed while a replica lives. 10 000 by default. */
  readonly leaseMs?: number;
  /** ms between looks for what is due. 50 by default. */
  readonly pollInterval?: number;
}

/**
 * Runs the sagas of a service. Any number of replicas on one database share the instances; each is advanced by one at a time.
 *
 * Commands are broker calls, made at least once and with the same `ctx.meta.idempotencyKey` (`<saga>/<id>/<command>`) each time: the
 * action must do the work once per key. A client error that is not retryable is a refusal and becomes input `failed`; after anything
 * else nobody knows, and the call is made again, later each time.
 */
export interface SagaRunner {
  /** Begins an instance in the caller's transaction: it is there exactly when the rest is. Does nothing for a known id. */
  start<DB>(trx: Transaction<DB>, saga: string, id: string, data: unknown, origin: Origin): Promise<void>;
  /**
   * Gives an event to an instance; false when there is none. At least once: `evolve` must bear the same event twice, or the
   * caller use an inbox in `db`, which may be a transaction. Rejects when the saga cannot take it, leaving it as it was.
   */
  deliver<DB>(db: Kysely<DB>, saga: string, id: string, event: unknown): Promise<boolean>;
  /** Looks for work now: for use after the commit of `start` or `deliver`. */
  wake(): void;
  list(query?: SagaQuery): Promise<SagaRecord[]>;
  read(saga: string, id: string): Promise<SagaRecord | undefined>;
  /** Tries again at once what a stuck instance was at. */
  resume(saga: string, id: string): Promise<boolean>;
  /** Begins nothing more, waits for the calls under way, and leaves the rest to others at once. */
  stop(): Promise<void>;
}

const INSTANCES_AT_ONCE = 32;

export function startSagaRunner<DB>(options: SagaRunnerOptions<DB>): SagaRunner {
  const { broker, logger, callTimeout = 5_000, leaseMs = 10_000, pollInterval = 50 } = options;
  const db = tablesOf<SagaTables>(options.db as Kysely<unknown>);
  const sagas = new Map(options.sagas.map((saga) => [saga.name, saga]));
  const owner = randomUUID();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const setStuck = broker.metrics && createStuckGauge(broker.metrics, [...sagas.keys()]);

  const sagaOf = (name: string): Saga<unknown> => {
    const saga = sagas.get(name);
    if (!saga) throw new Error(`no saga ${JSON.stringify(name)}`);
    return saga;
  };
  const nap = createNap();
  const wake = () => nap.wake();
  const run = createInstanceRunner({
    ...{ db, broker, logger, callTimeout, leaseMs, sagaOf, signal: stopping.signal },
  });

  const loop = async () => {
    let reported = 0;
    while (!stopping.signal.aborted) {
      const free = INSTANCES_AT_ONCE - running.size;
      try {
        const claims = free > 0 ? await claimSagas(db, owner, [...sagas.keys()], free, leaseMs) : [];
        for (const claim of claims) {
          const work = run(claim).finally(() => {
            running.delete(work);
            wake();
          });
          running.add(work);
        }
        if (setStuck && Date.now() - reported >= REPORT_EVERY_MS) {
          reported = Date.now();
          setStuck(await countStuck(db));
        }
      } catch (error) {
        logger?.error('sagas cannot be read:', error);
      }
      await nap.sleep(pollInterval);
    }
    await Promise.all(running);
  };
  const looping = loop();

  return {
    wake,
    async start(trx, name, id, data, origin) {
      const record = begin(sagaOf(name), id, data, origin, Date.now());
      if (record.reason) throw new Error(record.reason.message);
      await insertSaga(tablesOf<SagaTables>(trx as Transaction<unknown>), record);
    },
    async deliver(own, name, id, event) {
      const saga = sagaOf(name);
      const tables = tablesOf<SagaTables>(own as Kysely<unknown>);
      const record = await changeSaga(tables, name, id, (before) => {
        const after = advance(saga, before, { type: 'event', event }, Date.now());
        if (after.reason?.code === SAGA_FAULT && after !== before) throw new Error(after.reason.message);
        return after;
      });
      wake();
      return record !== undefined;
    },
    list: (query = {}) => listSagas(db, query),
    read: (name, id) => readSaga(db, name, id),
    async resume(name, id) {
      const record = await changeSaga(db, name, id, (before) => resume(before, Date.now()));
      wake();
      return record !== undefined;
    },
    async stop() {
      stopping.abort();
      wake();
      await looping;
    },
  };
}
