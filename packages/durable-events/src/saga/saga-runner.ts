import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { ServiceBroker } from 'moleculer';
import { reasonOf } from '../attempt.ts';
import type { Logger } from '../channel.ts';
import type { Origin } from '../event/event-type.ts';
import { tablesOf } from '../outbox/tables.ts';
import type { Pending, Saga, SagaRecord } from './saga.ts';
import {
  type Claim,
  changeSaga,
  claimSagas,
  insertSaga,
  listSagas,
  readSaga,
  renewLease,
  type SagaQuery,
  type SagaTables,
} from './saga-store.ts';
import { advance, begin, postpone, resume, SAGA_FAULT } from './transition.ts';

export interface SagaRunnerOptions<DB> {
  readonly db: Kysely<DB>;
  readonly broker: Pick<ServiceBroker, 'call'>;
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
 * action must do the work once per key. An error that is not `retryable` is a refusal and becomes input `failed`.
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
/** While a command of an instance is under way. */
const LOOK_AGAIN_MS = 250;

export function startSagaRunner<DB>(options: SagaRunnerOptions<DB>): SagaRunner {
  const { broker, logger, callTimeout = 5_000, leaseMs = 10_000, pollInterval = 50 } = options;
  const db = tablesOf<SagaTables>(options.db as Kysely<unknown>);
  const sagas = new Map(options.sagas.map((saga) => [saga.name, saga]));
  const owner = randomUUID();
  const running = new Set<Promise<void>>();
  let nap = new AbortController();
  let awake = false;
  let stopped = false;

  const sagaOf = (name: string): Saga<unknown> => {
    const saga = sagas.get(name);
    if (!saga) throw new Error(`no saga ${JSON.stringify(name)}`);
    return saga;
  };
  const wake = () => {
    awake = true;
    nap.abort();
  };

  const call = async (record: SagaRecord, command: Pending): Promise<void> => {
    const { saga: name, id, origin } = record;
    const saga = sagaOf(name);
    const { user, traceparent, correlationId } = origin;
    const meta = {
      ...(user && { user }),
      ...(traceparent && { traceparent }),
      ...(correlationId && { correlationId }),
      idempotencyKey: `${name}/${id}/${command.name}`,
    };
    const outcome = await broker
      .call<unknown, unknown>(command.action, command.params, { meta, timeout: callTimeout })
      .then(
        (result) => ({ result }),
        (error: unknown) => ({
          error: reasonOf(error),
          retryable: (error as { retryable?: unknown })?.retryable === true,
        }),
      );
    await changeSaga(db, name, id, (now) => {
      if ('result' in outcome)
        return advance(
          saga,
          now,
          { type: 'replied', command: command.name, result: outcome.result ?? null },
          Date.now(),
        );
      const { error, retryable } = outcome;
      // A compensation that is refused is tried again like one that fails: somebody has to look at it.
      if (retryable || command.of !== undefined) return postpone(saga, now, command.name, error, Date.now());
      return advance(saga, now, { type: 'failed', command: command.name, error, certain: true }, Date.now());
    });
  };

  /** Does what is due in one instance until nothing is; then somebody else may have it. */
  const run = async (claim: Claim): Promise<void> => {
    let held = true;
    const renewing = setInterval(() => {
      renewLease(db, owner, claim, leaseMs).then(
        (still) => {
          held = still;
        },
        () => {},
      );
    }, leaseMs / 3);
    const calls = new Map<string, Promise<void>>();
    try {
      while (held && !stopped) {
        const saga = sagaOf(claim.saga);
        const record = await changeSaga(db, claim.saga, claim.id, (before) => {
          const timer = before.timers.find(({ dueAt }) => dueAt <= Date.now());
          return timer ? advance(saga, before, { type: 'timer', name: timer.name }, Date.now()) : before;
        });
        if (!record || record.reason?.code === SAGA_FAULT) break;
        for (const command of record.pending) {
          if (command.nextAttemptAt > Date.now() || calls.has(command.name)) continue;
          calls.set(
            command.name,
            call(record, command)
              .catch((error) =>
                logger?.error(
                  `saga ${claim.saga} ${claim.id}, ${command.name}: the reply is not stored:`,
                  error,
                ),
              )
              .finally(() => calls.delete(command.name)),
          );
        }
        if (calls.size > 0) {
          // One that hangs does not keep an event or a timer from having its effect.
          await Promise.race([...calls.values(), delay(LOOK_AGAIN_MS, undefined, { ref: false })]);
        } else if (!record.timers.some(({ dueAt }) => dueAt <= Date.now())) break;
      }
      await Promise.all(calls.values());
    } catch (error) {
      logger?.error(`saga ${claim.saga} ${claim.id}: left to the next attempt:`, error);
    } finally {
      clearInterval(renewing);
      await renewLease(db, owner, claim, 0).catch(() => {});
    }
  };

  const loop = async () => {
    while (!stopped) {
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
      } catch (error) {
        logger?.error('sagas cannot be read:', error);
      }
      nap = new AbortController();
      if (!awake) await delay(pollInterval, undefined, { signal: nap.signal }).catch(() => {});
      awake = false;
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
      stopped = true;
      wake();
      await looping;
    },
  };
}
