/** Buying: what it takes, what it tells, and what becomes of it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { admin, alan, barbara, startTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

const place = `mutation ($items: [OrderItemInput!]!) {
  placeOrder(items: $items) {
    id status total { amount currency } customer { name } lines { quantity unitPrice { amount } product { id name } }
  }
}`;

test('an order is priced, listed to its customer, told to the mesh, and then taken off the shelf', async () => {
  const { product } = await shop.data('{ product(id: "p3") { available price { amount } } }');
  const before = product as { available: number; price: { amount: number } };
  const told = shop.mesh.nextEvent('order.placed');
  const { placeOrder } = await shop.data(place, {
    variables: { items: [{ productId: 'p3', quantity: 2 }] },
    as: alan,
  });
  const order = placeOrder as { id: string };
  expect(order).toMatchObject({
    total: { amount: 2 * before.price.amount, currency: 'EUR' },
    customer: { name: 'Alan Okafor' },
    status: 'PENDING',
    lines: [{ quantity: 2, product: { id: 'p3' } }],
  });
  expect(await told).toMatchObject({ orderId: order.id, items: [{ productId: 'p3', quantity: 2 }] });
  const { me } = await shop.data('{ me { orders(first: 1) { edges { node { id } } } } }', { as: alan });
  expect(me).toEqual({ orders: { edges: [{ node: { id: order.id } }] } });
  expect(await shop.settled(order.id)).toMatchObject({ status: 'CONFIRMED' });
  expect(await shop.data('{ product(id: "p3") { available } }')).toEqual({
    product: { available: before.available - 2 },
  });
});

test('somebody else’s orders look as if they were not', async () => {
  const { placeOrder } = await shop.data(place, { variables: { items: [{ productId: 'p4' }] }, as: alan });
  const { id } = placeOrder as { id: string };
  const query = `query ($id: ID!) { order(id: $id) { id } user(id: "u2") { name orders { totalCount } } }`;
  expect(await shop.data(query, { variables: { id }, as: barbara })).toEqual({
    order: null,
    user: { name: 'Alan Okafor', orders: null },
  });
  expect(await shop.data(query, { variables: { id }, as: admin })).toMatchObject({ order: { id } });
  await expect(shop.mesh.call('orders.list', { customerId: 'u2' }, { as: barbara })).rejects.toMatchObject({
    type: 'FORBIDDEN',
  });
});

test('an order that cannot be served whole takes nothing off the shelf', async () => {
  const stock = '{ product(id: "p5") { available } }';
  const before = await shop.data(stock);
  const ask = (items: object[]) => shop.codes(place, { variables: { items }, as: alan });
  // p14 is sold out in the seed.
  expect(await ask([{ productId: 'p5' }, { productId: 'p14' }])).toEqual(['OUT_OF_STOCK']);
  expect(await ask([{ productId: 'p5' }, { productId: 'none' }])).toEqual(['PRODUCT_NOT_FOUND']);
  expect(await ask([{ productId: 'p5' }, { productId: 'p5' }])).toEqual(['PRODUCT_TWICE']);
  expect(await ask([{ productId: 'p5', quantity: 0 }])).toEqual(['BAD_USER_INPUT']);
  expect(await ask([])).toEqual(['BAD_USER_INPUT']);
  await shop.mesh.settled();
  expect(await shop.data(stock)).toEqual(before);
});

test('whatever is sold counts once, with two replicas of products; what is declined is not sold', async () => {
  const sold = async () => {
    // What the store says, whatever is cached.
    const options = { meta: { $cache: false } };
    const broker = shop.mesh.broker('gateway');
    const [product] = await broker.call<{ sold: number }[], object>(
      'products.byIds',
      { ids: ['p6'] },
      options,
    );
    return product?.sold;
  };
  const before = await sold();
  const buy = async (token: string) => {
    const { placeOrder } = await shop.data(
      `mutation ($token: ID!) {
        placeOrder(items: [{ productId: "p6", quantity: 3 }], paymentToken: $token) { id }
      }`,
      { variables: { token }, as: alan },
    );
    return shop.settled((placeOrder as { id: string }).id);
  };
  expect(await buy('tok_visa')).toMatchObject({ status: 'CONFIRMED' });
  expect(await buy('tok_declined')).toMatchObject({ status: 'CANCELLED' });
  await shop.handled();
  expect(await sold()).toBe((before ?? 0) + 3);
});

test('a buyer’s review is marked as verified, anybody else’s is not', async () => {
  const review = `mutation ($productId: ID!) {
    addReview(input: { productId: $productId, rating: 5, title: "Good", body: "Very." }) { verified author { name } }
  }`;
  const { register } = await shop.data(`mutation { register(input: {
    username: "buyer", email: "buyer@example.com", name: "Buyer", password: "a long password" }) { user { id } } }`);
  const as = (register as { user: { id: string } }).user;
  const { placeOrder } = await shop.data(place, { variables: { items: [{ productId: 'p8' }] }, as });
  await shop.settled((placeOrder as { id: string }).id);
  const { placeOrder: declined } = await shop.data(
    'mutation { placeOrder(items: [{ productId: "p9" }], paymentToken: "tok_declined") { id } }',
    { as },
  );
  await shop.settled((declined as { id: string }).id);
  await shop.handled();
  expect(await shop.data(review, { variables: { productId: 'p8' }, as })).toEqual({
    addReview: { verified: true, author: { name: 'Buyer' } },
  });
  expect(await shop.data(review, { variables: { productId: 'p9' }, as })).toMatchObject({
    addReview: { verified: false },
  });
  expect(await shop.codes(review, { variables: { productId: 'p8' }, as })).toEqual(['ALREADY_REVIEWED']);
  expect(await shop.codes(review, { variables: { productId: 'none' }, as })).toEqual(['PRODUCT_NOT_FOUND']);
  expect(await shop.codes(review, { variables: { productId: 'p8' } })).toEqual(['UNAUTHENTICATED']);
});
