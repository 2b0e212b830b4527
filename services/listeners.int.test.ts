/** What follows from a registration and an order, in services that accounts and orders do not know. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ORDERS, USERS } from './common/seed/cast.ts';
import { seedOrders } from './common/seed/orders.ts';
import { defineService } from './common/service.ts';
import { admin, startTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

/** A new user: nothing has happened to it yet. */
async function register(username: string): Promise<{ readonly id: string }> {
  const { register: session } = await shop.data(
    `mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }`,
    {
      variables: {
        input: { username, email: `${username}@example.com`, name: username, password: 'correct horse' },
      },
    },
  );
  return (session as { user: { id: string } }).user;
}

async function place(
  as: { readonly id: string },
  token: string,
  ...products: string[]
): Promise<{ id: string; total: number }> {
  const { placeOrder } = await shop.data(
    `mutation ($items: [OrderItemInput!]!, $token: ID!) {
      placeOrder(items: $items, paymentToken: $token) { id total { amount } }
    }`,
    { variables: { items: products.map((productId) => ({ productId })), token }, as },
  );
  const { id, total } = placeOrder as { id: string; total: { amount: number } };
  return { id, total: total.amount };
}

async function buy(
  as: { readonly id: string },
  ...products: string[]
): Promise<{ id: string; total: number }> {
  const order = await place(as, 'tok_visa', ...products);
  expect(await shop.settled(order.id)).toMatchObject({ status: 'CONFIRMED' });
  return order;
}

const mailbox = '{ mailbox { totalCount edges { node { kind to subject body user { name } } } } }';

test('whoever registers gets one mail, and whoever orders one for each step, written with what others know', async () => {
  const user = await register('grace');
  await shop.handled();
  expect(await shop.data(mailbox, { as: user })).toEqual({
    mailbox: {
      totalCount: 1,
      edges: [
        {
          node: {
            kind: 'WELCOME',
            to: 'grace@example.com',
            subject: 'Welcome',
            body: expect.stringContaining('Hello grace'),
            user: { name: 'grace' },
          },
        },
      ],
    },
  });
  const { id } = await buy(user, 'p2');
  await shop.handled();
  const { mailbox: found } = await shop.data(mailbox, { as: user });
  const { edges } = found as { edges: { node: { kind: string; subject: string } }[] };
  // Events of other names have no order between them.
  expect(edges.map(({ node }) => node.kind).toSorted()).toEqual([
    ...['ORDER_CONFIRMED', 'ORDER_PLACED', 'ORDER_SHIPPED', 'WELCOME'],
  ]);
  expect(edges.filter(({ node }) => node.subject.startsWith(`Your order ${id}`))).toHaveLength(3);
  const { product } = await shop.data('{ product(id: "p2") { name } }');
  expect(JSON.stringify(found)).toContain((product as { name: string }).name);
});

test('a mailbox is for its owner; administrators see all', async () => {
  const user = await register('hedy');
  await shop.handled();
  const other = await register('radia');
  await shop.handled();
  expect(await shop.data(mailbox, { as: user })).toMatchObject({ mailbox: { totalCount: 1 } });
  expect(JSON.stringify(await shop.data(mailbox, { as: other }))).not.toContain('hedy');
  expect(JSON.stringify(await shop.data(mailbox, { as: admin }))).toContain('hedy@example.com');
  expect(await shop.codes(mailbox)).toEqual(['UNAUTHENTICATED']);
});

test('confirmed orders bring points, which only their owner sees', async () => {
  const user = await register('ivan');
  const points = (as: { readonly id: string }) =>
    shop.data('query ($id: ID!) { user(id: $id) { loyaltyPoints loyaltyTier } }', {
      variables: { id: user.id },
      as,
    });
  await shop.handled();
  expect(await points(user)).toEqual({ user: { loyaltyPoints: 0, loyaltyTier: 'BRONZE' } });
  const first = await buy(user, 'p2', 'p3');
  const second = await buy(user, 'p4');
  const declined = await place(user, 'tok_declined', 'p4');
  expect(await shop.settled(declined.id)).toMatchObject({ status: 'CANCELLED' });
  await shop.handled();
  const earned = Math.floor(first.total / 100) + Math.floor(second.total / 100);
  expect(await points(user)).toMatchObject({ user: { loyaltyPoints: earned } });
  expect(await points({ id: 'u3' })).toEqual({ user: { loyaltyPoints: null, loyaltyTier: null } });
});

test('what is bought together is recommended together', async () => {
  const user = await register('john');
  await buy(user, 'p21', 'p22');
  await buy(user, 'p21', 'p22', 'p23');
  await buy(user, 'p21', 'p22', 'p23');
  // Nobody bought these together.
  const declined = await Promise.all([1, 2, 3].map(() => place(user, 'tok_declined', 'p21', 'p25')));
  await Promise.all(declined.map(({ id }) => shop.settled(id)));
  await shop.handled();
  const { product } = await shop.data('{ product(id: "p21") { boughtTogether(first: 2) { id name } } }');
  expect(product).toEqual({
    boughtTogether: [
      { id: 'p22', name: expect.any(String) },
      { id: 'p23', name: expect.any(String) },
    ],
  });
});

/** An order whose money is taken, and then paid back. @returns its total. */
async function refund(as: { readonly id: string }): Promise<number> {
  const hang = (on: boolean) =>
    shop.data('mutation ($on: Boolean!) { setFaults(service: SHIPPING, hang: $on) { hang } }', {
      variables: { on },
      as: admin,
    });
  await hang(true);
  const { id, total } = await place(as, 'tok_visa', 'p3');
  const status = async () => {
    const { order } = await shop.data('query ($id: ID!) { order(id: $id) { payment { status } } }', {
      variables: { id },
      as,
    });
    return (order as { payment: { status: string } | null }).payment?.status;
  };
  while ((await status()) !== 'CAPTURED') await delay(10);
  await shop.data('mutation ($id: ID!) { cancelOrder(id: $id) { id } }', { variables: { id }, as });
  await hang(false);
  expect(await shop.settled(id)).toMatchObject({ status: 'CANCELLED', payment: { status: 'REFUNDED' } });
  return total;
}

test('analytics counts every event once and, counted again from the start, comes to the same', async () => {
  const query = `{ analytics(hours: 1000, products: 100) {
    salesPerHour { hour orders revenue { amount } } topProducts { product { name } pieces orders }
    funnel { registered ordered orderedAgain }
    orders { placed confirmed shipped cancelled revenue { amount } refunded { amount } cancellations { reason orders refunds } }
  } }`;
  const user = await register('margaret');
  await buy(user, 'p31');
  const declined = await place(user, 'tok_declined', 'p31');
  expect(await shop.settled(declined.id)).toMatchObject({ status: 'CANCELLED' });
  const refunded = await refund(user);
  await shop.handled();
  const before = await shop.data(query, { as: admin });
  const { salesPerHour, funnel, orders } = before.analytics as {
    salesPerHour: { orders: number }[];
    funnel: object;
    orders: object;
  };
  // Beside those of the demonstration.
  const seeded = seedOrders().filter(({ cancelled }) => !cancelled).length;
  const seededRefunds = seedOrders()
    .filter(({ cancelled }) => cancelled?.payment === 'refunded')
    .reduce((sum, { total }) => sum + total, 0);
  const confirmed = shop.mesh.emitted('order.confirmed').length + seeded;
  const cancelled = shop.mesh.emitted('order.cancelled').length + ORDERS - seeded;
  expect(salesPerHour.reduce((sum, hour) => sum + hour.orders, 0)).toBe(confirmed);
  expect(funnel).toMatchObject({ registered: USERS + shop.mesh.emitted('user.registered').length });
  expect(orders).toMatchObject({
    ...{ placed: confirmed + cancelled, confirmed, shipped: confirmed, cancelled },
    refunded: { amount: seededRefunds + refunded },
    cancellations: expect.arrayContaining([
      { reason: 'PAYMENT_DECLINED', orders: expect.any(Number), refunds: 0 },
    ]),
  });
  await expect(shop.mesh.call('analytics.rebuild')).rejects.toMatchObject({ type: 'UNAUTHENTICATED' });
  await expect(shop.mesh.call('analytics.rebuild', {}, { as: user })).rejects.toMatchObject({
    type: 'FORBIDDEN',
  });
  const rebuilt = await shop.mesh.call('analytics.rebuild', {}, { as: admin });
  expect(rebuilt).toEqual({ generation: 2, changed: false });
  // It leaves no group behind, in which everything that is published would pile up.
  const groups = await shop.events.channel.groups();
  expect(groups.filter(({ group }) => group.startsWith('analytics.replay'))).toEqual([]);
  expect(JSON.stringify(await shop.data(query, { as: admin }))).toBe(JSON.stringify(before));
  await buy(user, 'p31');
  await shop.handled();
  // The generation that is shown now goes on counting.
  expect((await shop.data(query, { as: admin })).analytics).toMatchObject({
    orders: { confirmed: confirmed + 1, cancelled },
  });
  expect(await shop.codes(query, { as: user })).toEqual(['FORBIDDEN']);
});

test('a malformed event is put aside with the reason, and what comes after it is handled', async () => {
  const user = await register('leslie');
  const bad = {
    id: 'bad',
    key: 'bad',
    headers: {
      'ce-specversion': '1.0',
      'ce-id': 'bad',
      'ce-source': '/test',
      'ce-type': 'order.placed',
      'ce-dataschema': 'urn:event:order.placed:9',
    },
    data: new TextEncoder().encode('{}'),
  };
  await shop.events.channel.publish('order.placed', bad);
  await buy(user, 'p2');
  await shop.handled();
  const letters =
    await shop.mesh.call<{ messageId: string; group: string; reason: { code: string } }[]>(
      'deadLetters.list',
    );
  const ours = letters.filter(({ messageId }) => messageId === 'bad');
  expect(ours.map(({ group }) => group).toSorted()).toEqual(
    expect.arrayContaining(['analytics', 'notifications']),
  );
  for (const { reason } of ours) expect(reason.code).toBe('UNKNOWN_EVENT_VERSION');
  expect(await shop.data(mailbox, { as: user })).toMatchObject({ mailbox: { totalCount: 4 } });
});

test('one more listener joins at runtime, from the first event or from now on, and accounts knows nothing of it', async () => {
  const heard = { first: [] as string[], next: [] as string[] };
  const newcomer = (from: 'first' | 'next') =>
    defineService({
      name: `newcomer-${from}`,
      channels: {
        'user.registered': {
          versions: { 1: { type: 'object', required: ['userId'] } },
          from,
          handler: async ({ params }) => void heard[from].push((params as { userId: string }).userId),
        },
      },
    });
  const before = await register('niklaus');
  await shop.handled();
  await shop.mesh.add(newcomer('first'));
  await shop.mesh.add(newcomer('next'));
  const after = await register('shafi');
  await shop.handled();
  expect(heard.first).toContain(before.id);
  expect(new Set(heard.first).size).toBe(heard.first.length);
  expect(heard.next).toEqual([after.id]);
});
