/** How an instance changes: pure, so that it can be tried in tests and run again after a lost race. */
import { backoffDelay, reasonOf } from '../attempt.ts';
import type { Origin } from '../event/event-type.ts';
import type { Answer } from './attempt-command.ts';
import {
  type Effect,
  type Fault,
  type Pending,
  SAGA_FAULT,
  type Saga,
  type SagaInput,
  type SagaRecord,
} from './saga.ts';

/** So many failures of one command make a saga stuck: 51 s. */
const STUCK_AFTER = 10;
const BACKOFF = { initial: 100, max: 30_000 };

type AnySaga = Saga<unknown>;

export function begin(saga: AnySaga, id: string, data: unknown, origin: Origin, now: number): SagaRecord {
  const record: SagaRecord = {
    ...{ saga: saga.name, id, status: 'running', state: saga.initialState(data), origin, version: 0 },
    ...{ pending: [], timers: [], journal: [], createdAt: now, updatedAt: now },
  };
  return advance(saga, record, { type: 'started', data }, now);
}

/** The record after `input`; the same object when the input is late or doubled and changes nothing. */
export function advance(saga: AnySaga, record: SagaRecord, input: SagaInput, now: number): SagaRecord {
  const { pending, timers } = record;
  const settles = input.type === 'replied' || input.type === 'failed' ? input.command : undefined;
  if (settles !== undefined && !pending.some(({ name }) => name === settles)) return record;
  if (input.type === 'timer' && !timers.some(({ name }) => name === input.name)) return record;
  const settled: SagaRecord = {
    ...touched(record, now, describe(input)),
    pending: pending.filter(({ name }) => name !== settles),
    timers: input.type === 'timer' ? timers.filter(({ name }) => name !== input.name) : timers,
  };
  if (record.outcome !== undefined) {
    if (input.type === 'event') return record;
    const { reason: _, ...ended } = settled;
    return { ...ended, status: 'done' };
  }
  try {
    const effects = saga.decide(record.state, input);
    const { reason: _, ...running } = settled;
    const next: SagaRecord = { ...running, status: 'running', state: saga.evolve(record.state, input) };
    return effects.reduce((before, effect) => apply(before, effect, now), next);
  } catch (error) {
    return stuck(record, now, {
      code: SAGA_FAULT,
      message: `${describe(input)}: ${reasonOf(error).message}`,
    });
  }
}

/** The record after an attempt at a pending command. */
export function conclude(
  saga: AnySaga,
  record: SagaRecord,
  command: string,
  answer: Answer,
  now: number,
): SagaRecord {
  const found = record.pending.find(({ name }) => name === command);
  if (!found) return record;
  if (answer.kind === 'replied')
    return advance(saga, record, { type: 'replied', command, result: answer.result }, now);
  const { error } = answer;
  const refused = answer.kind === 'refused';
  const failures = found.failures + 1;
  // What undoes is never given up: a compensation that is not made leaves the world half-done.
  if (found.of === undefined && (refused || failures === found.attempts))
    return advance(
      saga,
      record,
      { type: 'failed', command, error, certain: refused && !found.doubtful },
      now,
    );
  const waiting: Pending = {
    ...{ ...found, failures, lastError: error, nextAttemptAt: now + backoffDelay(BACKOFF, failures) },
    ...(!refused && { doubtful: true as const }),
  };
  const next = {
    ...record,
    version: record.version + 1,
    pending: record.pending.map((entry) => (entry === found ? waiting : entry)),
  };
  if (failures < STUCK_AFTER && !refused) return next;
  const what = found.of === undefined ? command : `${command} (compensation of ${found.of})`;
  return stuck(next, now, { code: error.code, message: `${what}: ${error.message}` });
}

/** Its last holder is gone, perhaps in the middle of a call: no refusal of what is pending says any more that nothing happened. */
export function takeOver(record: SagaRecord): SagaRecord {
  if (record.pending.every(({ doubtful }) => doubtful)) return record;
  const pending = record.pending.map((entry) => ({ ...entry, doubtful: true as const }));
  return { ...record, version: record.version + 1, pending };
}

/** By hand: tries again at once what is pending. */
export function resume(record: SagaRecord, now: number): SagaRecord {
  const { reason: _, ...running } = touched(record, now, 'resumed');
  return {
    ...running,
    status: record.outcome === undefined ? 'running' : 'done',
    pending: record.pending.map((entry) => ({ ...entry, failures: 0, nextAttemptAt: now })),
  };
}

/** When there is something to do next; undefined while only an event, or a hand, can move it. */
export function dueAt({ status, reason, pending, timers }: SagaRecord): number | undefined {
  if (status === 'stuck' && reason?.code === SAGA_FAULT) return undefined;
  const times = [...pending.map(({ nextAttemptAt }) => nextAttemptAt), ...timers.map((timer) => timer.dueAt)];
  return times.length === 0 ? undefined : Math.min(...times);
}

function apply(record: SagaRecord, effect: Effect, now: number): SagaRecord {
  const otherTimers = (name: string) => record.timers.filter((timer) => timer.name !== name);
  switch (effect.kind) {
    case 'call':
    case 'compensate': {
      const { kind: _, ...command } = effect;
      if (record.journal.some(({ what }) => what === `sent ${effect.name}`))
        throw new Error(`command ${effect.name} was sent before`);
      const undone = effect.kind === 'compensate' ? effect.of : undefined;
      return {
        ...record,
        journal: [...record.journal, { at: now, what: `sent ${effect.name}` }],
        // What is undone must not be tried once more behind its back.
        pending: [
          ...record.pending.filter(({ name }) => name !== undone),
          { ...command, failures: 0, nextAttemptAt: now },
        ],
      };
    }
    case 'timer':
      return {
        ...record,
        timers: [...otherTimers(effect.name), { name: effect.name, dueAt: now + effect.ms }],
      };
    case 'cancelTimer':
      return { ...record, timers: otherTimers(effect.name) };
    case 'end':
      return { ...record, status: 'done', outcome: effect.outcome, timers: [] };
  }
}

function stuck(record: SagaRecord, now: number, reason: Fault): SagaRecord {
  // Once in the journal, not once for each attempt.
  const told =
    record.status === 'stuck'
      ? { ...record, version: record.version + 1 }
      : touched(record, now, `stuck: ${reason.message}`);
  return { ...told, status: 'stuck', reason };
}

function touched(record: SagaRecord, now: number, what: string): SagaRecord {
  return {
    ...record,
    version: record.version + 1,
    updatedAt: now,
    journal: [...record.journal, { at: now, what }],
  };
}

function describe(input: SagaInput): string {
  switch (input.type) {
    case 'started':
      return 'started';
    case 'event':
      return `event ${(input.event as { type?: unknown } | null)?.type ?? ''}`.trim();
    case 'replied':
      return `replied ${input.command}`;
    case 'failed':
      return `failed ${input.command}: ${input.error.code}`;
    case 'timer':
      return `timer ${input.name}`;
  }
}
