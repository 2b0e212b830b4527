/** A process that dies in the middle of an order, on the real mesh: the order still gets its end, once. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { untilServed } from '../../support/graphql.ts';
import { startTestCluster, type TestCluster } from '../../support/test-cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  // No order is given up for the time that it takes to start a process.
  cluster = await startTestCluster(['--replicas', 'orders=2'], { ORDER_STEP_TIMEOUT: '600000' });
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

/** The data of an operation, asked again while the gateway has no instance to ask. */
async function data<T>(text: string, as: string): Promise<T> {
  const answer = await untilServed(cluster.url, text, as);
  if (!answer.data || answer.errors) throw new Error(JSON.stringify(answer));
  return answer.data as T;
}

async function tokenOf(username: string): Promise<string> {
  const text = `mutation { login(username: "${username}", password: "federation") { token } }`;
  return (await data<{ login: { token: string } }>(text, '')).login.token;
}

interface Order {
  readonly status: string;
  readonly timeline: readonly { readonly what: string }[];
  readonly payment: { readonly status: string; readonly amount: { readonly amount: number } } | null;
}

test('orders under way when a process that fulfils them is killed are confirmed, and paid once', async () => {
  const admin = await tokenOf('ada.horvat');
  const books =
    '{ stockTotals { available reserved sold } paymentTotals { captured { amount } refunded { amount } } }';
  interface Books {
    readonly stockTotals: { readonly available: number; readonly reserved: number; readonly sold: number };
    readonly paymentTotals: { readonly captured: { amount: number }; readonly refunded: { amount: number } };
  }
  const before = await data<Books>(books, admin);
  await data('mutation { setFaults(service: PAYMENTS, delay: 1000) { delay } }', admin);
  const place = (n: number) =>
    data<{ placeOrder: { id: string } }>(
      `mutation { placeOrder(items: [{ productId: "p3", quantity: 1 }], idempotencyKey: "k${n}") { id } }`,
      admin,
    );
  const ids = await Promise.all([1, 2, 3, 4].map(async (n) => (await place(n)).placeOrder.id));
  for (const victim of ['orders-1', 'orders-2']) {
    const { nodes } = await cluster.state();
    process.kill(nodes.find(({ name }) => name === victim)?.pid ?? 0, 'SIGKILL');
    await cluster.command.until(
      new RegExp(`${victim}\\s+\\| crashed \\(SIGKILL\\)[\\s\\S]*${victim}\\s+\\| started`),
    );
  }
  // A client that got no answer asks again: the same order.
  expect((await place(1)).placeOrder.id).toBe(ids[0]);
  await data('mutation { setFaults(service: PAYMENTS) { delay } }', admin);

  const read = async (id: string) =>
    (
      await data<{ order: Order }>(
        `{ order(id: "${id}") { status timeline { what } payment { status amount { amount } } } }`,
        admin,
      )
    ).order;
  const orders = await Promise.all(
    ids.map(async (id) => {
      let order = await read(id);
      while (order.status === 'PENDING') {
        await delay(200);
        order = await read(id);
      }
      return order;
    }),
  );
  for (const order of orders) {
    expect(order).toMatchObject({ status: 'CONFIRMED', payment: { status: 'CAPTURED' } });
    const captures = order.timeline.filter(({ what }) => what === 'PAYMENT_CAPTURED');
    expect(captures).toHaveLength(1);
  }
  const paid = orders.reduce((sum, { payment }) => sum + (payment?.amount.amount ?? 0), 0);
  const after = await data<Books>(books, admin);
  expect(after.paymentTotals).toEqual({
    captured: { amount: before.paymentTotals.captured.amount + paid },
    refunded: before.paymentTotals.refunded,
  });
  expect(after.stockTotals).toEqual({
    available: before.stockTotals.available - 4,
    reserved: 0,
    sold: before.stockTotals.sold + 4,
  });
});
