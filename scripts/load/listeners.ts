/** Do those who listen to the orders agree with them? Pure. */
import type { Check, PlacedOrder } from './reconcile.ts';

/** What services that no order waits for have counted, of everything that ever happened. */
export interface Counts {
  readonly analytics: {
    readonly funnel: { readonly registered: number; readonly ordered: number; readonly orderedAgain: number };
    readonly orders: {
      readonly placed: number;
      readonly confirmed: number;
      readonly shipped: number;
      readonly cancelled: number;
      readonly revenue: { readonly amount: number };
      readonly refunded: { readonly amount: number };
    };
  };
  readonly pairTotals: { readonly pairs: number };
}

/** Somebody who registered in this run, and all that it ordered since. */
export interface Customer {
  readonly id: string;
  readonly orders: readonly PlacedOrder[];
  readonly points: number;
  /** The ids of all its mails, `KIND:subject`. */
  readonly mails: readonly string[];
}

/** What must hold once every event is handled, when nobody else has registered or ordered between the two readings. */
export function reconcileListeners(before: Counts, after: Counts, customers: readonly Customer[]): Check[] {
  const orders = customers.flatMap((customer) => customer.orders);
  const confirmed = orders.filter(isConfirmed);
  const cancelled = orders.filter(({ status }) => status === 'CANCELLED');
  const refunded = cancelled.filter(({ payment }) => payment?.status === 'REFUNDED');
  const confirmedOf = customers.map((customer) => customer.orders.filter(isConfirmed).length);
  const more = (of: (counts: Counts) => number) => of(after) - of(before);
  const mails = customers.map((customer) => compare(mailsDue(customer), customer.mails));
  return [
    { what: 'mails missing', expected: 0, found: total(mails, ({ missing }) => missing) },
    {
      what: 'mails sent twice, or to no purpose',
      expected: 0,
      found: total(mails, ({ surplus }) => surplus),
    },
    {
      what: 'customers whose points are not those of their confirmed orders',
      expected: 0,
      found: customers.filter((customer) => customer.points !== pointsDue(customer)).length,
    },
    {
      what: 'recommendations: pairs in confirmed orders',
      expected: total(confirmed, ({ lines }) => lines.length * (lines.length - 1)),
      found: more(({ pairTotals }) => pairTotals.pairs),
    },
    {
      what: 'analytics: registrations',
      expected: customers.length,
      found: more(({ analytics }) => analytics.funnel.registered),
    },
    {
      what: 'analytics: who bought',
      expected: confirmedOf.filter((count) => count > 0).length,
      found: more(({ analytics }) => analytics.funnel.ordered),
    },
    {
      what: 'analytics: who bought again',
      expected: confirmedOf.filter((count) => count > 1).length,
      found: more(({ analytics }) => analytics.funnel.orderedAgain),
    },
    {
      what: 'analytics: orders placed',
      expected: orders.length,
      found: more(({ analytics }) => analytics.orders.placed),
    },
    {
      what: 'analytics: orders confirmed',
      expected: confirmed.length,
      found: more(({ analytics }) => analytics.orders.confirmed),
    },
    {
      what: 'analytics: orders shipped',
      expected: confirmed.length,
      found: more(({ analytics }) => analytics.orders.shipped),
    },
    {
      what: 'analytics: orders cancelled',
      expected: cancelled.length,
      found: more(({ analytics }) => analytics.orders.cancelled),
    },
    {
      what: 'analytics: revenue (cents)',
      expected: total(confirmed, (order) => order.total.amount),
      found: more(({ analytics }) => analytics.orders.revenue.amount),
    },
    {
      what: 'analytics: paid back (cents)',
      expected: total(refunded, (order) => order.total.amount),
      found: more(({ analytics }) => analytics.orders.refunded.amount),
    },
  ];
}

const isConfirmed = ({ status }: PlacedOrder): boolean => status === 'CONFIRMED';

/** Stated here once more, and not taken from the shop: a rule that changed unnoticed is to be noticed. */
const pointsDue = ({ orders }: Customer): number =>
  total(orders.filter(isConfirmed), (order) => Math.floor(order.total.amount / 100));

function mailsDue({ id, orders }: Customer): string[] {
  return [
    `WELCOME:${id}`,
    ...orders.flatMap((order) => kindsDue(order).map((kind) => `${kind}:${order.id}`)),
  ];
}

function kindsDue({ status }: PlacedOrder): string[] {
  if (status === 'CONFIRMED') return ['ORDER_PLACED', 'ORDER_CONFIRMED', 'ORDER_SHIPPED'];
  return status === 'CANCELLED' ? ['ORDER_PLACED', 'ORDER_CANCELLED'] : ['ORDER_PLACED'];
}

/** As bags: the same id twice is one too many. */
function compare(due: readonly string[], found: readonly string[]): { missing: number; surplus: number } {
  const open = new Set(due);
  const surplus = found.filter((id) => !open.delete(id)).length;
  return { missing: open.size, surplus };
}

const total = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);
