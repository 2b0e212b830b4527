/** What analytics counts. Sums only, so that the order in which events come changes nothing. */
import type { Money } from '../common/money.ts';

export interface Registration {
  readonly kind: 'registration';
  readonly userId: string;
}

export type OrderedItems = readonly { readonly productId: string; readonly quantity: number }[];

/** An order was confirmed. Until then nothing is sold. */
export interface Sale {
  readonly kind: 'sale';
  readonly customerId: string;
  readonly items: OrderedItems;
  /** Minor units. */
  readonly amount: number;
  /** Epoch ms. */
  readonly at: number;
}

export interface Cancellation {
  readonly kind: 'cancellation';
  /** Its code. */
  readonly reason: string;
  /** Minor units that were paid back; null where nothing had been taken. */
  readonly refunded: number | null;
}

/** What one event tells, as far as it is counted. */
export type Fact =
  | Registration
  | Sale
  | Cancellation
  | { readonly kind: 'placed' }
  | { readonly kind: 'shipped' };

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
  readonly orders: OrderFunnel;
}

export interface Funnel {
  readonly registered: number;
  /** Of those who registered; with an order that was confirmed, as all who buy. */
  readonly ordered: number;
  readonly orderedAgain: number;
}

/** What became of the orders. `placed` less `confirmed` and `cancelled` are under way, once every event is counted. */
export interface OrderFunnel {
  readonly placed: number;
  readonly confirmed: number;
  readonly shipped: number;
  readonly cancelled: number;
  readonly revenue: Money;
  readonly refunded: Money;
  /** Most frequent first, equals by code. */
  readonly cancellations: readonly {
    readonly reason: string;
    readonly orders: number;
    readonly refunds: number;
  }[];
}
