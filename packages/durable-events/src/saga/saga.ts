import type { Origin } from '../event/event-type.ts';

/** What happens to a saga. */
export type SagaInput<Start = unknown, Event = unknown> =
  | { readonly type: 'started'; readonly data: Start }
  /** From outside, by `deliver`. */
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'replied'; readonly command: string; readonly result: unknown }
  /**
   * A command that will not be tried again: refused, or its `attempts` are used up. `certain`: it was refused and no earlier attempt
   * is in doubt, so that nothing happened there. Otherwise it may have happened, or may yet: compensate it like one that did.
   */
  | { readonly type: 'failed'; readonly command: string; readonly error: Fault; readonly certain: boolean }
  | { readonly type: 'timer'; readonly name: string };

export interface Fault {
  readonly code: string;
  readonly message: string;
}

/** What a saga wants done. `name`s are the saga's own; a command's is used once in the life of an instance. */
export type Effect =
  /**
   * Calls an action until it replies or refuses. When that takes long, the saga is stuck, visibly, and goes on trying. To give up, set a
   * timer, and compensate this one when it comes; or say how many `attempts` it gets.
   */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly action: string;
      readonly params: unknown;
      readonly attempts?: number;
    }
  /** Undoes the command `of`, which is not tried again: called until it succeeds, refusal or no. Stuck as above, after a refusal at once. */
  | {
      readonly kind: 'compensate';
      readonly name: string;
      readonly of: string;
      readonly action: string;
      readonly params: unknown;
    }
  /** Comes as input `timer` after `ms`, unless cancelled. Setting it again replaces it. */
  | { readonly kind: 'timer'; readonly name: string; readonly ms: number }
  | { readonly kind: 'cancelTimer'; readonly name: string }
  /** The end. What is pending is still called; its replies change nothing any more. */
  | { readonly kind: 'end'; readonly outcome: string };

/**
 * A long flow of commands, with what undoes them. Pure: no clock, no I/O, no randomness; state and inputs are JSON. Both functions
 * may run more than once for one input (after a lost race, after a crash) and must answer the same.
 *
 * `decide` says what an input leads to, by the state before it; `evolve` then makes the state after it. An exception is a fault of the saga: it is stuck, with
 * the reason, until it is resumed by hand.
 */
export interface Saga<State, Start = unknown, Event = unknown> {
  readonly name: string;
  initialState(data: Start): State;
  decide(state: State, input: SagaInput<Start, Event>): readonly Effect[];
  evolve(state: State, input: SagaInput<Start, Event>): State;
}

/** Reason of an instance whose own code threw: nothing is tried until it is resumed. */
export const SAGA_FAULT = 'SAGA_FAULT';

export interface Pending {
  readonly name: string;
  readonly action: string;
  readonly params: unknown;
  /** The command that this one undoes. */
  readonly of?: string;
  /** Given up after so many; never when absent. */
  readonly attempts?: number;
  /** Attempts that came to nothing. */
  readonly failures: number;
  readonly lastError?: Fault;
  /** An attempt was made whose end nobody knows: it may happen yet. */
  readonly doubtful?: true;
  /** ms since 1970, as all times here. */
  readonly nextAttemptAt: number;
}

export interface JournalEntry {
  readonly at: number;
  /** `started`, `replied reserveStock`, `failed authorize: DECLINED`, … */
  readonly what: string;
}

/** One instance, as it is stored. */
export interface SagaRecord<State = unknown> {
  readonly saga: string;
  readonly id: string;
  /** `stuck`: see `reason`. */
  readonly status: 'running' | 'stuck' | 'done';
  readonly state: State;
  readonly pending: readonly Pending[];
  readonly timers: readonly { readonly name: string; readonly dueAt: number }[];
  readonly journal: readonly JournalEntry[];
  /** Why it is stuck. */
  readonly reason?: Fault;
  readonly outcome?: string;
  /** On whose behalf, and in which trace, its commands go out. */
  readonly origin: Origin;
  /** Raised by each change. */
  readonly version: number;
  readonly createdAt: number;
  /** When it last came on, or got stuck; attempts that fail are no change. */
  readonly updatedAt: number;
}
