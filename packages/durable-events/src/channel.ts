/** The contract that every channel keeps; `testing/channel-contract.ts` is the suite that holds them to it. */

/** What travels. Immutable once published. */
export interface Message {
  /** Identifies the message within its event name. Published again after a doubtful attempt, it keeps its id. */
  readonly id: string;
  /** What must stay in order among itself: an order's id, a user's id. */
  readonly key: string;
  /** Lower-case names (`[a-z0-9-]+`), values of printable ASCII, no space at either end. */
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** One attempt to have one group handle one message. */
export interface Delivery {
  readonly event: string;
  readonly group: string;
  readonly message: Message;
  /** 1 for the first. Counted before the handler runs, so that an attempt which kills the process counts too. */
  readonly attempt: number;
  /** Milliseconds since 1970, by the clock of whoever stored the message. */
  readonly publishedAt: number;
}

/** Resolves: handled. Rejects: try again later; with a PermanentError: do not. */
export type Handler = (delivery: Delivery) => Promise<void>;

/** Milliseconds before the second attempt, doubled for each further one up to `max`; a random half is taken off. */
export interface Backoff {
  readonly initial: number;
  readonly max: number;
}

export interface GroupOptions {
  /** After this many attempts the message becomes a dead letter. 10 by default: 51 s with the default backoff. */
  readonly maxAttempts?: number;
  /** 100 ms up to 30 s by default. */
  readonly backoff?: Backoff;
  /**
   * Where a group begins that the channel has never seen: at the `first` message it keeps, or at the `next` published.
   * `first` by default where the channel keeps messages. A known group goes on where it was, whatever this says.
   */
  readonly from?: 'first' | 'next';
}

export interface Subscription {
  /**
   * Takes no further message and waits for the handlers that run. After `drainTimeout` ms (30 000) it stops waiting:
   * what is unfinished stays unacknowledged and is delivered again, to another member or after the next start.
   */
  stop(options?: { readonly drainTimeout?: number }): Promise<void>;
}

/**
 * Carries messages under event names (`order.placed`) to groups of handlers.
 *
 * - **At least once.** `publish` resolves when the message is stored; from then on every group gets it until a handler
 *   of that group resolves for it or it is a dead letter. It may be handled more than once: after a crash, after a lost
 *   acknowledgement, after a member was paused. An inbox makes the *effect* happen once.
 * - **Groups.** Each group gets every message. Members of a group (any number, in any process) share its messages.
 * - **Order per key.** Within a group, messages with one key are handled one at a time, in the order in which their
 *   `publish` resolved. A failing message holds back those behind it until it succeeds or is a dead letter. Await one
 *   `publish` before the next of the same key. Messages of other keys go on (all of them, or all but a share: see the channel).
 * - **Retries** wait (backoff).
 * - **Dead letters.** After `maxAttempts`, or at once on a PermanentError. A message leaves its group's queue only when
 *   its dead letter is stored; when that fails, it stays and is tried again.
 * - **Dedupe.** Where `dedupes`: the same id under the same event name is stored once, within two minutes at the very least.
 * - **Stop.** `close` waits for publishes under way and drains all subscriptions. `publish` afterwards rejects with
 *   CHANNEL_CLOSED. Nothing is ever dropped in silence.
 */
export interface Channel extends AsyncDisposable {
  /** May a new group begin at the first message? */
  readonly replays: boolean;
  /** Is the same id stored once? Where not, it is for the inbox to notice that a publish was tried again. */
  readonly dedupes: boolean;
  /**
   * @throws DurableEventError INVALID_MESSAGE, MESSAGE_TOO_LARGE, CHANNEL_CLOSED: not stored.
   *   CHANNEL_UNAVAILABLE: not known; publish again with the same id.
   */
  publish(event: string, message: Message): Promise<void>;
  /** Resolves when the group exists: whatever is published from then on reaches it. */
  subscribe(event: string, group: string, handler: Handler, options?: GroupOptions): Promise<Subscription>;
  /**
   * Deletes a group and what waits for it; its dead letters stay. Nothing happens when there is none. A group of that name begins anew.
   * Stop its members first, wherever they are: what becomes of those that are left is not said.
   */
  forget(event: string, group: string): Promise<void>;
  /** What waits for each group, by event and name: of all groups, or of those that the channel can see. */
  groups(query?: GroupQuery): Promise<GroupLag[]>;
  readonly deadLetters: DeadLetters;
  close(options?: { readonly drainTimeout?: number }): Promise<void>;
}

export interface GroupQuery {
  readonly event?: string;
  readonly group?: string;
}

export interface GroupLag {
  readonly event: string;
  readonly group: string;
  /** Messages not yet handled, those under way included where the channel counts them. */
  readonly waiting: number;
  /** Age of the oldest of them in ms; 0 when there is none, null where the channel cannot tell. */
  readonly oldest: number | null;
  readonly deadLetters: number;
}

/** A message put aside. */
export interface DeadLetter {
  /** Identifies the dead letter, not the message: sortable in the order of dying within one channel. */
  readonly id: string;
  readonly event: string;
  readonly group: string;
  readonly message: Message;
  readonly attempts: number;
  readonly reason: { readonly code: string; readonly message: string };
  /** Milliseconds since 1970. */
  readonly diedAt: number;
}

export interface DeadLetterQuery {
  readonly event?: string;
  readonly group?: string;
  /** Only those after this dead letter's id. */
  readonly after?: string;
  /** 100 by default. */
  readonly limit?: number;
}

/** The dead letters of all groups of a channel, oldest first. They stay until replayed or discarded. */
export interface DeadLetters {
  list(query?: DeadLetterQuery): Promise<DeadLetter[]>;
  /** @throws DurableEventError DEAD_LETTER_NOT_FOUND */
  read(id: string): Promise<DeadLetter>;
  /**
   * Hands the message to its group again, behind whatever waits there, as a first attempt; other groups see nothing.
   * Removed from here only when the group has it; a crash in between may leave both.
   * @throws DurableEventError DEAD_LETTER_NOT_FOUND
   */
  replay(id: string): Promise<void>;
  /** @throws DurableEventError DEAD_LETTER_NOT_FOUND */
  discard(id: string): Promise<void>;
}

/** The part of a Moleculer logger that is used here. */
export interface Logger {
  info(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
}
