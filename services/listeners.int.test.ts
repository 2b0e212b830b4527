/** What follows from a registration and an order, in services that accounts and orders do not know. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

async function buy(
  as: { readonly id: string },
  ...products: string[]
): Promise<{ id: string; total: number }> {
  const { placeOrder } = await shop.data(
    'mutation ($items: [OrderItemInput!]!) { placeOrder(items: $items) { id total { amount } } }',
    { variables: { items: products.map((productId) => ({ productId })) }, as },
  );
  const { id, total } = placeOrder as { id: string; total: { amount: number } };
  expect(await shop.settled(id)).toMatchObject({ status: 'CONFIRMED' });
  return { id, total: total.amount };
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

test('orders bring points, which only their owner sees', async () => {
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
  await shop.handled();
  const earned = Math.floor(first.total / 100) + Math.floor(second.total / 100);
  expect(await points(user)).toMatchObject({ user: { loyaltyPoints: earned } });
  expect(await points({ id: 'u3' })).toEqual({ user: { loyaltyPoints: null, loyaltyTier: null } });
});

test('what is bought together is recommended together', async () => {
  const user = await register('john');
  await buy(user, 'p21', 'p22');
  await buy(user, 'p21', 'p22', 'p23');
  await shop.handled();
  const { product } = await shop.data('{ product(id: "p21") { boughtTogether(first: 2) { id name } } }');
  expect(product).toEqual({
    boughtTogether: [
      { id: 'p22', name: expect.any(String) },
      { id: 'p23', name: expect.any(String) },
    ],
  });
});

test('analytics counts every event once and, counted again from the start, comes to the same', async () => {
  const query = `{ analytics(hours: 1000, products: 100) {
    salesPerHour { hour orders revenue { amount } } topProducts { product { name } pieces orders }
    funnel { registered ordered orderedAgain } } }`;
  const user = await register('margaret');
  await buy(user, 'p31');
  await shop.handled();
  const before = await shop.data(query, { as: admin });
  const orders = shop.mesh.emitted('order.placed').length;
  const { salesPerHour, funnel } = before.analytics as {
    salesPerHour: { orders: number }[];
    funnel: object;
  };
  expect(salesPerHour.reduce((sum, hour) => sum + hour.orders, 0)).toBe(orders);
  expect(funnel).toMatchObject({ registered: shop.mesh.emitted('user.registered').length });
  expect(await shop.mesh.call('analytics.rebuild')).toEqual({ generation: 2, changed: false });
  const groups = (await shop.events.channel.groups()).map(({ group }) => group);
  expect(groups.filter((group) => group.startsWith('analytics'))).toEqual(['analytics', 'analytics']);
  expect(JSON.stringify(await shop.data(query, { as: admin }))).toBe(JSON.stringify(before));
  await buy(user, 'p31');
  await shop.handled();
  expect((await shop.data(query, { as: admin })).analytics).toMatchObject({
    topProducts: expect.arrayContaining([{ product: { name: expect.any(String) }, pieces: 2, orders: 2 }]),
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
    expect.arrayContaining(['loyalty', 'notifications', 'recommendations']),
  );
  for (const { reason } of ours) expect(reason.code).toBe('UNKNOWN_EVENT_VERSION');
  expect(await shop.data(mailbox, { as: user })).toMatchObject({ mailbox: { totalCount: 4 } });
});

test('one more listener joins at runtime, begins at the first event, and accounts knows nothing of it', async () => {
  const heard: string[] = [];
  const newcomer = defineService({
    name: 'newcomer',
    channels: {
      'user.registered': {
        versions: { 1: { type: 'object', required: ['userId'] } },
        handler: async ({ params }) => void heard.push((params as { userId: string }).userId),
      },
    },
  });
  const before = await register('niklaus');
  await shop.handled();
  await shop.mesh.add(newcomer);
  const after = await register('shafi');
  await shop.handled();
  expect(heard).toContain(before.id);
  expect(heard.at(-1)).toBe(after.id);
  expect(new Set(heard).size).toBe(heard.length);
});
