import type { Reason } from '../attempt.ts';
import type { DeadLetter, DeadLetterQuery, GroupLag, Message } from '../channel.ts';

/** A message waiting for one group. */
export interface StoredDelivery {
  /** Position in the group's queue; also the delivery's identity within the group. */
  readonly seq: number;
  readonly message: Message;
  /** Attempts begun so far. */
  readonly attempts: number;
  readonly publishedAt: number;
}

/**
 * Where a LocalChannel keeps its messages. Synchronous, one user at a time; every method but `transaction`, `sync` and `close` is called
 * inside a `transaction`.
 */
export interface LocalStore {
  /** All or nothing: what `work` did survives the process when this returns, and is undone when it throws. */
  transaction<T>(work: () => T): T;
  /** Resolves when all transactions so far survive a power failure too; rejects when that is not known. */
  sync(): Promise<void>;
  /** Adds the message to the history and to every group of the event. Does nothing when its id is known. */
  append(event: string, message: Message, publishedAt: number): void;
  /** Does nothing for a known group. */
  ensureGroup(event: string, group: string, from: 'first' | 'next'): void;
  /** Removes the group and its deliveries, not its dead letters. */
  dropGroup(event: string, group: string): void;
  /** All groups, by event and name; `oldest` is an age at `now`. */
  listGroups(now: number): GroupLag[];
  /** The earliest delivery of each key, where that is due and its key is not in `busy`; by seq, at most `limit`. */
  due(event: string, group: string, now: number, busy: ReadonlySet<string>, limit: number): StoredDelivery[];
  /** When the next delivery that waits for its time is due, if any does. */
  nextDueAt(event: string, group: string, now: number): number | undefined;
  /** Counts an attempt. */
  begin(event: string, group: string, seq: number): void;
  settle(event: string, group: string, seq: number): void;
  retryAt(event: string, group: string, seq: number, at: number): void;
  /** Moves the delivery to the dead letters. */
  bury(event: string, group: string, seq: number, reason: Reason, at: number): void;
  listDead(query: DeadLetterQuery): DeadLetter[];
  readDead(id: string): DeadLetter | undefined;
  /** Moves a dead letter to the end of its group's queue; false when there is none. */
  replayDead(id: string): boolean;
  discardDead(id: string): boolean;
  close(): void;
}
