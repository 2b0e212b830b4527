/** What the clients saw, and what the shop says at the end: all that the checker knows. */
import type { Item } from './errand.ts';

/** One request of a client and the answer it got, after however many attempts. */
export interface Operation {
  /** Number of the order in the run. */
  readonly order: number;
  /** `repeat`: the same key and body after the answer. `conflict`: the same key with another body. */
  readonly kind: 'place' | 'repeat' | 'conflict' | 'cancel';
  /** User id. */
  readonly customer: string;
  readonly key: string;
  readonly items: readonly Item[];
  readonly paymentToken: string;
  /** ms since the start of the run. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** What the attempts without an answer failed with, in their order. */
  readonly failures: readonly string[];
  readonly answer: Answer;
}

export type Answer =
  | { readonly kind: 'order'; readonly id: string }
  /** A definite no, by its code. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The client gave up. */
  | { readonly kind: 'none' };

/** An order as the shop shows it when everything is quiet. */
export interface FinalOrder {
  readonly id: string;
  readonly customer: string;
  readonly status: string;
  readonly reason: string | null;
  readonly items: readonly Item[];
  /** Minor units. */
  readonly total: number;
  readonly payment: { readonly status: string; readonly amount: number } | null;
  /** Milestones of its timeline. */
  readonly timeline: readonly string[];
}

export interface Observed {
  readonly history: readonly Operation[];
  /** All orders of all customers of the run, without those of before. */
  readonly orders: readonly FinalOrder[];
  /** Pieces there were at the start, by product. */
  readonly stock: ReadonlyMap<string, number>;
}
