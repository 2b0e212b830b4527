/** Facts summed up: what they add to each count. Pure. */
import type { Fact, Sale } from './sales.ts';

export interface Tally {
  readonly hours: readonly { readonly hour: number; readonly orders: number; readonly revenue: number }[];
  readonly products: readonly {
    readonly product_id: string;
    readonly pieces: number;
    readonly orders: number;
  }[];
  readonly customers: readonly {
    readonly user_id: string;
    readonly registered: number;
    readonly orders: number;
  }[];
  readonly steps: readonly { readonly step: string; readonly orders: number }[];
  readonly cancellations: readonly {
    readonly reason: string;
    readonly orders: number;
    readonly refunds: number;
    readonly refunded: number;
  }[];
}

/** Each row's key at most once, rows in the order of their keys, so that transactions lock them in one order. */
export function tally(facts: readonly Fact[]): Tally {
  const sales = facts.filter((fact): fact is Sale => fact.kind === 'sale');
  const lines = sales.flatMap(({ items }) => items);
  const buyers = [
    ...facts.flatMap((fact) =>
      fact.kind === 'registration' ? [{ userId: fact.userId, registered: 1, orders: 0 }] : [],
    ),
    ...sales.map(({ customerId }) => ({ userId: customerId, registered: 0, orders: 1 })),
  ];
  const steps = facts.flatMap(({ kind }) => (kind === 'placed' || kind === 'shipped' ? [kind] : []));
  const cancellations = facts.flatMap((fact) => (fact.kind === 'cancellation' ? [fact] : []));
  return {
    hours: groups(sales, ({ at }) => hourOf(at)).map(([hour, group]) => ({
      ...{ hour, orders: group.length, revenue: sum(group, ({ amount }) => amount) },
    })),
    products: groups(lines, ({ productId }) => productId).map(([product_id, group]) => ({
      ...{ product_id, pieces: sum(group, ({ quantity }) => quantity), orders: group.length },
    })),
    customers: groups(buyers, ({ userId }) => userId).map(([user_id, group]) => ({
      user_id,
      registered: sum(group, ({ registered }) => registered),
      orders: sum(group, ({ orders }) => orders),
    })),
    steps: groups(steps, (step) => step).map(([step, group]) => ({ step, orders: group.length })),
    cancellations: groups(cancellations, ({ reason }) => reason).map(([reason, group]) => ({
      ...{ reason, orders: group.length },
      refunds: sum(group, ({ refunded }) => (refunded === null ? 0 : 1)),
      refunded: sum(group, ({ refunded }) => refunded ?? 0),
    })),
  };
}

function groups<Item, Key extends string | number>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): [Key, Item[]][] {
  return [...Map.groupBy(items, keyOf)].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const HOUR = 3_600_000;

/** Epoch ms of the hour's beginning, in UTC. */
const hourOf = (at: number): number => Math.floor(at / HOUR) * HOUR;
