/** What analytics counts. Sums only, so that the order in which events come changes nothing. */
import type { Money } from '../common/money.ts';

export interface Registration {
  readonly kind: 'registration';
  readonly userId: string;
}

export interface Sale {
  readonly kind: 'sale';
  readonly customerId: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
  /** Minor units. */
  readonly amount: number;
  /** Epoch ms. */
  readonly at: number;
}

/** What one event tells, as far as it is counted. */
export type Fact = Registration | Sale;

export interface Report {
  /** Latest first; hours without a sale are left out. */
  readonly salesPerHour: readonly {
    readonly hour: number;
    readonly orders: number;
    readonly revenue: Money;
  }[];
  /** Most pieces first, equals by id. */
  readonly topProducts: readonly {
    readonly productId: string;
    readonly pieces: number;
    readonly orders: number;
  }[];
  readonly funnel: Funnel;
}

export interface Funnel {
  readonly registered: number;
  /** Of those who registered. */
  readonly ordered: number;
  readonly orderedAgain: number;
}

const HOUR = 3_600_000;

/** Epoch ms of the hour's beginning, in UTC. */
export const hourOf = (at: number): number => Math.floor(at / HOUR) * HOUR;
