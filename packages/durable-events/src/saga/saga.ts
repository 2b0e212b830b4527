import type { Origin } from '../event/event-type.ts';

/** What happens to a saga. */
export type SagaInput<Start = unknown, Event = unknown> =
  | { readonly type: 'started'; readonly data: Start }
  /** From outside, by `deliver`. */
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'replied'; readonly command: string; readonly result: unknown }
  /**
   * A command that will not be tried again. `certain`: the other side refused, nothing happened there. Otherwise it gave no
   * answer in any attempt, and it may have happened: compensate it like one that did.
   */
  | { readonly type: 'failed'; readonly command: string; readonly error: Fault; readonly certain: boolean }
  | { readonly type: 'timer'; readonly name: string };

export interface Fault {
  readonly code: string;
  readonly message: string;
}

/** What a saga wants done. `name`s are the saga's own; a command's is used once in the life of an instance. */
export type Effect =
  /** Calls an action until it replies, refuses, or the attempts are used up. */
  | { readonly kind: 'call'; readonly name: string; readonly action: string; readonly params: unknown }
  /** Undoes the command `of`: called until it succeeds; when that takes long, the saga is stuck, visibly, and goes on trying. */
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

export interface Pending {
  readonly name: string;
  readonly action: string;
  readonly params: unknown;
  /** The command that this one undoes. */
  readonly of?: string;
  readonly attempts: number;
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
  /** Why it is stuck. `SAGA_FAULT`: its own code threw, nothing is tried until it is resumed. */
  readonly reason?: Fault;
  readonly outcome?: string;
  /** On whose behalf, and in which trace, its commands go out. */
  readonly origin: Origin;
  /** Raised by each change. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}
