import type { Kysely } from 'kysely';
import { createPostgresQueue } from './postgres-queue.ts';
import { createSqliteQueue } from './sqlite-queue.ts';
import { isPostgres, type OutboxTables } from './tables.ts';

/** A row that waits, as the relay needs it. */
export interface OutboxRow {
  readonly seq: number;
  readonly id: string;
  readonly event: string;
  readonly key: string;
  readonly headers: string;
  readonly data: string;
  readonly attempts: number;
}

/** What became of a batch: rows to take away, and rows that wait for another attempt. */
export interface Published {
  readonly done: readonly number[];
  readonly failed: readonly { readonly seq: number; readonly nextAttemptAt: number }[];
}

/**
 * Gives out the rows of an outbox to one of several relays.
 *
 * Contract: while `work` runs, no other relay has a row of the same keys. Rows of one key come in order and without a gap,
 * beginning at the first that waits. What `work` answers is stored before `take` resolves; when the process dies in
 * between, rows that were published come again. Answers how many rows there were; 0 also when it is another's turn.
 */
export interface OutboxQueue {
  take(limit: number, work: (rows: OutboxRow[]) => Promise<Published>): Promise<number>;
  /** Lets another relay go on at once. */
  release(): Promise<void>;
}

/** @param leaseMs on SQLite, how long a relay that died keeps the others out. */
export function createOutboxQueue(db: Kysely<OutboxTables>, leaseMs = 10_000): OutboxQueue {
  return isPostgres(db as Kysely<unknown>) ? createPostgresQueue(db) : createSqliteQueue(db, leaseMs);
}
