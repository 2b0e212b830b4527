/** An instance as a person looks at it: one flat row. */
import { SAGA_FAULT, type SagaRecord } from './saga.ts';

export interface SagaSummary {
  readonly saga: string;
  readonly id: string;
  readonly status: SagaRecord['status'];
  /** ISO 8601: when it last came on, or got stuck. */
  readonly since: string;
  /** `capture (payments.capture), next attempt 2026-11-23T…`, `timer overdue 2026-…`, `an event`, …. */
  readonly waitingFor: string;
  /** Failures of the command that fails most. */
  readonly failures: number;
  /** `CODE: message`; why it is stuck, or what its last failed attempt said. */
  readonly lastError: string | null;
}

export function summaryOf(record: SagaRecord): SagaSummary {
  const { saga, id, status, updatedAt, pending, reason } = record;
  const worst = pending.toSorted((a, b) => b.failures - a.failures)[0];
  const error = reason ?? worst?.lastError;
  return {
    ...{ saga, id, status, since: iso(updatedAt), waitingFor: waitingFor(record) },
    failures: worst?.failures ?? 0,
    lastError: error ? `${error.code}: ${error.message}` : null,
  };
}

function waitingFor({ status, reason, pending, timers }: SagaRecord): string {
  if (status === 'stuck' && reason?.code === SAGA_FAULT) return 'a person: fix its code, then resume it';
  const waits = [
    ...pending.map(({ name, action, failures, nextAttemptAt }) =>
      failures === 0 ? `${name} (${action})` : `${name} (${action}), next attempt ${iso(nextAttemptAt)}`,
    ),
    ...timers.map(({ name, dueAt }) => `timer ${name} ${iso(dueAt)}`),
  ];
  return waits.join('; ') || (status === 'done' ? 'nothing' : 'an event');
}

const iso = (time: number): string => new Date(time).toISOString();
