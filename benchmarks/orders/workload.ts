/** Orders placed by broker calls, as resolvers place them, and whether each came to its right end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceBroker } from 'moleculer';
import type { Probe } from './probe.ts';

/** What one run of orders came to. */
export interface OrderRun {
  readonly orders: number;
  /** Whole workflows a second: from the first order's placing until the last event of the last one was handled. */
  readonly ordersPerSecond: number;
  /** ms, see `Probe.latencies`. */
  readonly latencies: readonly number[];
  /** ms from an order's placing to its settling. */
  readonly untilSettled: readonly number[];
}

interface SettledOrder {
  readonly id: string;
  readonly status: string;
  readonly createdAt: number;
  readonly settledAt: number | null;
}

const PRODUCTS = 100;
/** The seed's every fourteenth product is sold out; these are not. */
const products = Array.from({ length: PRODUCTS }, (_, index) => `p${1 + index + Math.floor(index / 13)}`);
const admin = { id: 'u1', roles: ['admin'] };

/** Stock enough that no order is refused. */
export async function restock(broker: ServiceBroker): Promise<void> {
  for (const productId of products)
    await broker.call('inventory.restock', { productId, quantity: 10_000 }, { meta: { user: admin } });
}

/**
 * `count` orders from their placing to their last event: `inFlight` of them at any time, or a new one every 1/`rate` s.
 * @throws Error when an order is not confirmed, or its events do not come.
 */
export async function runOrders(
  broker: ServiceBroker,
  probe: Probe,
  count: number,
  pace: { readonly inFlight: number } | { readonly rate: number },
): Promise<OrderRun> {
  probe.reset();
  const ids: string[] = [];
  const place = async (turn: number) => {
    const user = { id: `u${2 + (turn % 40)}`, roles: ['customer'] };
    const item = (step: number) => ({
      productId: products[(turn + step) % PRODUCTS],
      quantity: 1 + (turn % 3),
    });
    const params = { items: [item(0), item(37)], idempotencyKey: `bench-${Date.now()}-${turn}` };
    const { id } = await broker.call<{ id: string }, object>('orders.place', params, { meta: { user } });
    ids.push(id);
    await probe.ended(id);
  };
  const began = performance.now();
  if ('inFlight' in pace) {
    let turn = 0;
    const customer = async () => {
      while (turn < count) await place(turn++);
    };
    await Promise.all(Array.from({ length: pace.inFlight }, customer));
  } else {
    const placed: Promise<void>[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      await delay(Math.max(0, began + (1_000 * turn) / pace.rate - performance.now()));
      placed.push(place(turn));
    }
    await Promise.all(placed);
  }
  const seconds = (performance.now() - began) / 1_000;
  const orders = await read(broker, ids);
  const wrong = orders.filter(({ status }) => status !== 'CONFIRMED');
  if (orders.length !== count || wrong.length > 0)
    throw new Error(
      `${count} orders placed, ${orders.length} kept, ${wrong.length} not confirmed, e.g. ${JSON.stringify(wrong[0])}`,
    );
  return {
    orders: count,
    ordersPerSecond: count / seconds,
    latencies: [...probe.latencies],
    untilSettled: orders.map(({ createdAt, settledAt }) => (settledAt ?? 0) - createdAt),
  };
}

async function read(broker: ServiceBroker, ids: readonly string[]): Promise<SettledOrder[]> {
  const orders: SettledOrder[] = [];
  for (let at = 0; at < ids.length; at += 100) {
    const some = { ids: ids.slice(at, at + 100) };
    orders.push(
      ...(await broker.call<SettledOrder[], object>('orders.byIds', some, { meta: { user: admin } })),
    );
  }
  return orders;
}
