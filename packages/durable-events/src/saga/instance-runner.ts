import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ServiceBroker } from 'moleculer';
import type { Logger } from '../channel.ts';
import { attemptCommand } from './attempt-command.ts';
import { type Pending, SAGA_FAULT, type Saga, type SagaRecord } from './saga.ts';
import { type Claim, changeSaga, isTakenOver, renewLease } from './saga-store.ts';
import type { SagaTables } from './saga-tables.ts';
import { advance, conclude, takeOver } from './transition.ts';

export interface InstanceRunnerOptions {
  readonly db: Kysely<SagaTables>;
  readonly broker: Pick<ServiceBroker, 'call'>;
  readonly logger?: Logger | undefined;
  /** ms */
  readonly callTimeout: number;
  /** ms */
  readonly leaseMs: number;
  /** @throws Error for a name that is not known. */
  sagaOf(name: string): Saga<unknown>;
  /** Aborted: begin nothing more. */
  readonly signal: AbortSignal;
}

/** While a command of an instance is under way: an event or a timer is noticed this late at most. */
const LOOK_AGAIN_MS = 250;

/** Does what is due in one claimed instance until nothing is, then gives it back: somebody else may have it. Never rejects. */
export function createInstanceRunner(options: InstanceRunnerOptions): (claim: Claim) => Promise<void> {
  const { db, broker, logger, callTimeout, leaseMs, sagaOf, signal } = options;

  /** @returns the instance as it is then; undefined when that is not known. */
  const makeCall = async (record: SagaRecord, command: Pending): Promise<SagaRecord | undefined> => {
    const { saga, id } = record;
    const answer = await attemptCommand(broker, record, command, callTimeout);
    let before = record;
    const conclusion = (now: SagaRecord) => {
      before = now;
      return conclude(sagaOf(saga), now, command.name, answer, Date.now());
    };
    try {
      const after = await changeSaga(db, saga, id, conclusion, record);
      if (after) tellApart(before, after, logger);
      return after;
    } catch (error) {
      logger?.error(`saga ${saga} ${id}, ${command.name}: the answer is not stored:`, error);
      return undefined;
    }
  };

  /** What a claim makes of an instance, and what a timer does that is due. */
  const refresh = ({ saga, id, holder, record }: Claim, known: SagaRecord | undefined, first: boolean) => {
    const change = (now: SagaRecord) => {
      const before = first && isTakenOver({ holder }) ? takeOver(now) : now;
      const timer = before.timers.find(({ dueAt }) => dueAt <= Date.now());
      return timer ? advance(sagaOf(saga), before, { type: 'timer', name: timer.name }, Date.now()) : before;
    };
    const last = first ? record : known;
    // Mostly there is nothing to change, and it was read or written just now.
    return last && change(last) === last ? last : changeSaga(db, saga, id, change, last);
  };

  const work = async (claim: Claim, calls: Map<string, Promise<void>>, held: () => boolean) => {
    // The newest that was read or written here; of two answers at once the later one has both.
    let known: SagaRecord | undefined;
    for (let first = true; held() && !signal.aborted; first = false) {
      const record = await refresh(claim, known, first);
      if (!record || record.reason?.code === SAGA_FAULT) return;
      known = record;
      for (const command of record.pending) {
        if (command.nextAttemptAt > Date.now() || calls.has(command.name)) continue;
        const call = makeCall(record, command).then((after) => {
          if (!after || after.version > (known?.version ?? 0)) known = after;
          calls.delete(command.name);
        });
        calls.set(command.name, call);
      }
      if (calls.size === 0 && !record.timers.some(({ dueAt }) => dueAt <= Date.now())) return;
      // One that hangs does not keep an event or a timer from having its effect.
      const late = delay(LOOK_AGAIN_MS, 'late' as const, { ref: false });
      if ((await Promise.race([...calls.values(), late])) === 'late') known = undefined;
    }
  };

  return async (claim) => {
    let held = true;
    const calls = new Map<string, Promise<void>>();
    const renew = () =>
      renewLease(db, claim, leaseMs).then(
        (still) => {
          held = still;
        },
        () => {},
      );
    const renewing = setInterval(renew, leaseMs / 3);
    try {
      await work(claim, calls, () => held);
    } catch (error) {
      logger?.error(`saga ${claim.saga} ${claim.id}: left to the next attempt:`, error);
    }
    // Given back with a call under way, the next holder would take a refusal for the last word.
    await Promise.all(calls.values());
    clearInterval(renewing);
    await renewLease(db, claim, 0).catch(() => {});
  };
}

/** Says it where somebody looks: once when it gets stuck, once when it goes on. */
function tellApart(before: SagaRecord, after: SagaRecord, logger: Logger | undefined): void {
  const what = `saga ${after.saga} ${after.id}`;
  if (after.status === 'stuck' && before.status !== 'stuck') logger?.error(`${what} is stuck:`, after.reason);
  else if (before.status === 'stuck' && after.status !== 'stuck') logger?.info(`${what} goes on`);
}
