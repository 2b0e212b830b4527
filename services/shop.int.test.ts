/** The shop as its clients see it: six services, one API, real SQLite stores with the seed in them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Context, Middleware, Service } from 'moleculer';
import { createTestMesh, type TestMesh } from 'moleculer-federation/testing';
import { accountsService } from './accounts/accounts.service.ts';
import { sqliteDatabases, type TestDatabases } from './common/database/test-databases.ts';
import { inventoryService } from './inventory/inventory.service.ts';
import { ordersService } from './orders/orders.service.ts';
import { productsService } from './products/products.service.ts';
import { reviewsService } from './reviews/reviews.service.ts';
import { shippingService } from './shipping/shipping.service.ts';

const admin = { id: 'u1', roles: ['admin'] };
const alan = { id: 'u2' };
const barbara = { id: 'u3' };

let databases: TestDatabases;
let mesh: TestMesh;

/** How often each action ran, those of the federation protocol left out. */
const calls = new Map<string, number>();
const countCalls: Middleware = {
  localAction: (next, { name }) =>
    function (this: Service, ctx: Context) {
      if (name && !/\.(subgraph|sdl)\./.test(name)) calls.set(name, (calls.get(name) ?? 0) + 1);
      return next.call(this, ctx);
    },
};

beforeAll(async () => {
  databases = await sqliteDatabases();
  const config = await databases.fresh({ seed: true });
  mesh = await createTestMesh({
    services: [
      accountsService(config),
      productsService(config),
      productsService(config),
      inventoryService(config),
      inventoryService(config),
      reviewsService(config),
      ordersService(config),
      shippingService(config),
    ],
    broker: { cacher: 'MemoryLRU', middlewares: [countCalls] },
  });
});
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

/** The data of an operation that must not have errors. */
async function data(query: string, options?: Parameters<TestMesh['query']>[1]) {
  const result = await mesh.query(query, options);
  expect(result.errors).toBeUndefined();
  return result.data as Record<string, unknown>;
}

/** The error codes of an operation. */
async function codes(query: string, options?: Parameters<TestMesh['query']>[1]) {
  const { errors = [] } = await mesh.query(query, options);
  return errors.map(({ extensions }) => extensions?.code);
}

describe('the catalogue', () => {
  test('one query spans products, inventory, reviews, accounts and shipping', async () => {
    const { product } = await data(`{
      product(id: "p1") {
        name price { amount currency } inStock shippingEstimate { amount } averageRating
        reviews(first: 2) { totalCount edges { node { rating author { name email } product { id } } } }
      }
    }`);
    expect(product).toMatchObject({
      name: 'Nordlicht Alta Espresso Machine',
      price: { amount: 46_990, currency: 'EUR' },
      inStock: true,
      shippingEstimate: { amount: 0 },
      averageRating: 4.2,
      reviews: { totalCount: 52, edges: [{ node: { product: { id: 'p1' } } }, {}] },
    });
    const [first] = (product as { reviews: { edges: { node: { author: object } }[] } }).reviews.edges;
    expect(first?.node.author).toEqual({ name: expect.any(String), email: null });
  });

  test('a page of products with everything costs each service one batch, not one call per product', async () => {
    calls.clear();
    const { products } = await data(`{ products(first: 30) { edges { node {
      name available averageRating reviewCount shippingEstimate { amount }
      reviews(first: 1) { edges { node { author { name } } } } } } } }`);
    expect((products as { edges: unknown[] }).edges).toHaveLength(30);
    expect(Object.fromEntries(calls)).toEqual({
      'products.list': 1,
      'inventory.levels': 1,
      'reviews.ratings': 1,
      'reviews.ofProducts': 1,
      'shipping.estimates': 1,
      'accounts.byIds': 1,
    });
  });

  test('pages continue at the cursor', async () => {
    const query = `query ($after: String) {
      products(first: 3, after: $after, filter: { category: "Audio" }) {
        totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { node { category } }
      }
    }`;
    const one = (await data(query)).products as { pageInfo: { endCursor: string } };
    expect(one).toMatchObject({ totalCount: 120, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const two = (await data(query, { variables: { after: one.pageInfo.endCursor } })).products;
    expect(two).toMatchObject({ pageInfo: { hasPreviousPage: true } });
    expect(two).not.toEqual(one);
  });

  test.each([
    ['{ products(first: 101) { totalCount } }', 'BAD_PAGE_SIZE'],
    ['{ products(first: -1) { totalCount } }', 'BAD_PAGE_SIZE'],
    ['{ products(first: 1, last: 1) { totalCount } }', 'BAD_PAGE_SIZE'],
    ['{ products(after: "nonsense") { totalCount } }', 'BAD_CURSOR'],
    ['{ product(id: "p1") { reviews(first: 101) { totalCount } } }', 'BAD_PAGE_SIZE'],
    ['{ topProducts(first: 1000) { id } }', 'BAD_USER_INPUT'],
    ['{ shippingQuotes(weight: -1) { days } }', 'BAD_USER_INPUT'],
    ['{ cartQuotes(items: []) { days } }', 'BAD_USER_INPUT'],
    ['{ cartQuotes(items: [{ productId: "none" }]) { days } }', 'PRODUCT_NOT_FOUND'],
    ['{ order(id: "o1") { id } }', 'UNAUTHENTICATED'],
    ['mutation { placeOrder(items: [{ productId: "p1" }]) { id } }', 'UNAUTHENTICATED'],
    ['mutation { changePrice(id: "p1", amount: 1) { id } }', 'UNAUTHENTICATED'],
  ])('%s is refused with %s', async (query, code) => {
    expect(await codes(query)).toEqual([code]);
  });

  test('what does not exist is null', async () => {
    expect(await data('{ product(id: "p0") { name } user(id: "u0") { name } me { name } }')).toEqual({
      product: null,
      user: null,
      me: null,
    });
  });

  test('shipping quotes depend on weight and value', async () => {
    expect(
      await data('{ shippingQuotes(weight: 1500, value: 5000) { method price { amount } days } }'),
    ).toEqual({
      shippingQuotes: [
        { method: 'Standard', price: { amount: 490 }, days: 3 },
        { method: 'Express', price: { amount: 1_290 }, days: 1 },
        { method: 'Freight', price: { amount: 4_900 }, days: 5 },
      ],
    });
  });
});

describe('accounts', () => {
  const register = `mutation ($input: RegisterInput!) {
    register(input: $input) { token expiresAt user { id username email name } }
  }`;
  const input = {
    username: 'Grace.H',
    email: 'Grace@Example.com',
    name: 'Grace H.',
    password: 'correct horse battery',
  };

  test('who registers is told its own email, and logs in with name and password', async () => {
    const event = mesh.nextEvent('user.registered');
    const { register: session } = await data(register, { variables: { input } });
    expect(session).toMatchObject({
      user: { username: 'grace.h', email: 'grace@example.com', name: 'Grace H.' },
    });
    // The whole mesh hears it: no address in there.
    expect(JSON.stringify(await event)).not.toContain('example.com');
    const login = `mutation ($password: String!) { login(username: "GRACE.h", password: $password) { user { id } } }`;
    const { login: again } = await data(login, { variables: { password: input.password } });
    expect(again).toEqual({ user: { id: (session as { user: { id: string } }).user.id } });
    expect(await codes(login, { variables: { password: 'wrong' } })).toEqual(['BAD_CREDENTIALS']);
  });

  test('names and addresses are taken once, whatever their case', async () => {
    const variables = { input: { ...input, username: 'taken.once', email: 'once@example.com' } };
    await data(register, { variables });
    const sameName = { input: { ...variables.input, username: 'TAKEN.once', email: 'x@example.com' } };
    expect(await codes(register, { variables: sameName })).toEqual(['USERNAME_TAKEN']);
    const sameEmail = { input: { ...variables.input, username: 'another', email: 'ONCE@example.com' } };
    expect(await codes(register, { variables: sameEmail })).toEqual(['EMAIL_TAKEN']);
  });

  test('a bad registration names the field, never the value', async () => {
    const bad = { ...input, username: 'bad name', password: 'short' };
    const { errors } = await mesh.query(register, { variables: { input: bad } });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect(JSON.stringify(errors)).toContain('password');
    expect(JSON.stringify(errors)).not.toContain('"short"');
  });

  test('an email is for its owner’s eyes', async () => {
    const query = '{ me { email } user(id: "u3") { email } }';
    expect(await data(query, { as: alan })).toEqual({
      me: { email: 'alan.okafor@example.com' },
      user: { email: null },
    });
  });
});

describe('orders', () => {
  const place = `mutation ($items: [OrderItemInput!]!) {
    placeOrder(items: $items) {
      id total { amount currency } customer { name } lines { quantity unitPrice { amount } product { id name available } }
    }
  }`;

  test('an order is priced, taken off the shelf, listed to its customer, and told to the mesh', async () => {
    const { product } = await data('{ product(id: "p3") { available price { amount } } }');
    const before = product as { available: number; price: { amount: number } };
    const told = mesh.nextEvent('order.placed');
    const { placeOrder } = await data(place, {
      variables: { items: [{ productId: 'p3', quantity: 2 }] },
      as: alan,
    });
    const order = placeOrder as { id: string };
    expect(order).toMatchObject({
      total: { amount: 2 * before.price.amount, currency: 'EUR' },
      customer: { name: 'Alan Okafor' },
      lines: [{ quantity: 2, product: { id: 'p3', available: before.available - 2 } }],
    });
    expect(await told).toMatchObject({ orderId: order.id, items: [{ productId: 'p3', quantity: 2 }] });
    const { me } = await data('{ me { orders(first: 1) { edges { node { id } } } } }', { as: alan });
    expect(me).toEqual({ orders: { edges: [{ node: { id: order.id } }] } });
  });

  test('somebody else’s orders look as if they were not', async () => {
    const { placeOrder } = await data(place, { variables: { items: [{ productId: 'p4' }] }, as: alan });
    const { id } = placeOrder as { id: string };
    const query = `query ($id: ID!) { order(id: $id) { id } user(id: "u2") { name orders { totalCount } } }`;
    expect(await data(query, { variables: { id }, as: barbara })).toEqual({
      order: null,
      user: { name: 'Alan Okafor', orders: null },
    });
    expect(await data(query, { variables: { id }, as: admin })).toMatchObject({ order: { id } });
    await expect(mesh.call('orders.list', { customerId: 'u2' }, { as: barbara })).rejects.toMatchObject({
      type: 'FORBIDDEN',
    });
  });

  test('an order that cannot be served whole takes nothing off the shelf', async () => {
    const stock = '{ product(id: "p5") { available } }';
    const before = await data(stock);
    const ask = (items: object[]) => codes(place, { variables: { items }, as: alan });
    // p14 is sold out in the seed.
    expect(await ask([{ productId: 'p5' }, { productId: 'p14' }])).toEqual(['OUT_OF_STOCK']);
    expect(await ask([{ productId: 'p5' }, { productId: 'none' }])).toEqual(['PRODUCT_NOT_FOUND']);
    expect(await ask([{ productId: 'p5' }, { productId: 'p5' }])).toEqual(['PRODUCT_TWICE']);
    expect(await ask([{ productId: 'p5', quantity: 0 }])).toEqual(['BAD_USER_INPUT']);
    expect(await ask([])).toEqual(['BAD_USER_INPUT']);
    await mesh.settled();
    expect(await data(stock)).toEqual(before);
  });

  test('whatever is sold counts once, though two replicas of products hear of it', async () => {
    const sold = async () => {
      // What the store says, whatever is cached.
      const options = { meta: { $cache: false } };
      const broker = mesh.broker('gateway');
      const [product] = await broker.call<{ sold: number }[], object>(
        'products.byIds',
        { ids: ['p6'] },
        options,
      );
      return product?.sold;
    };
    const before = await sold();
    await data(place, { variables: { items: [{ productId: 'p6', quantity: 3 }] }, as: alan });
    await mesh.settled();
    expect(await sold()).toBe((before ?? 0) + 3);
  });

  test('a buyer’s review is marked as verified, anybody else’s is not', async () => {
    const review = `mutation ($productId: ID!) {
      addReview(input: { productId: $productId, rating: 5, title: "Good", body: "Very." }) { verified author { name } }
    }`;
    const { register } = await data(`mutation { register(input: {
      username: "buyer", email: "buyer@example.com", name: "Buyer", password: "a long password" }) { user { id } } }`);
    const as = (register as { user: { id: string } }).user;
    await data(place, { variables: { items: [{ productId: 'p8' }] }, as });
    await mesh.settled();
    expect(await data(review, { variables: { productId: 'p8' }, as })).toEqual({
      addReview: { verified: true, author: { name: 'Buyer' } },
    });
    expect(await data(review, { variables: { productId: 'p9' }, as })).toMatchObject({
      addReview: { verified: false },
    });
    expect(await codes(review, { variables: { productId: 'p8' }, as })).toEqual(['ALREADY_REVIEWED']);
    expect(await codes(review, { variables: { productId: 'none' }, as })).toEqual(['PRODUCT_NOT_FOUND']);
    expect(await codes(review, { variables: { productId: 'p8' } })).toEqual(['UNAUTHENTICATED']);
  });
});

describe('administration', () => {
  const price = '{ product(id: "p10") { price { amount } } }';

  test('a changed price is read from every replica, cached or not, and from cached shipping quotes', async () => {
    const cart = '{ cartQuotes(items: [{ productId: "p10" }]) { price { amount } } }';
    // Round robin: both replicas of products have it cached now.
    for (let i = 0; i < 4; i += 1) await data(price);
    await data('mutation { changePrice(id: "p10", amount: 900) { price { amount } } }', { as: admin });
    await data(cart);
    await data('mutation { changePrice(id: "p10", amount: 20000) { id } }', { as: admin });
    await mesh.settled();
    for (let i = 0; i < 4; i += 1)
      expect(await data(price)).toEqual({ product: { price: { amount: 20_000 } } });
    const { cartQuotes } = await data(cart);
    expect((cartQuotes as { price: { amount: number } }[])[0]).toEqual({ price: { amount: 0 } });
    expect(mesh.emitted('product.priceChanged').at(-1)).toMatchObject({
      productId: 'p10',
      oldPrice: { amount: 900 },
      newPrice: { amount: 20_000 },
    });
  });

  test('restocking is seen on every replica', async () => {
    const stock = '{ product(id: "p14") { inStock available } }';
    for (let i = 0; i < 4; i += 1)
      expect(await data(stock)).toEqual({ product: { inStock: false, available: 0 } });
    await data('mutation { restock(productId: "p14", quantity: 7) { name available } }', { as: admin });
    await mesh.settled();
    for (let i = 0; i < 4; i += 1)
      expect(await data(stock)).toEqual({ product: { inStock: true, available: 7 } });
    expect(mesh.emitted('stock.changed').at(-1)).toEqual({ productId: 'p14', available: 7 });
  });

  test('only administrators change prices and stock', async () => {
    expect(await codes('mutation { changePrice(id: "p1", amount: 1) { id } }', { as: alan })).toEqual([
      'FORBIDDEN',
    ]);
    expect(await codes('mutation { restock(productId: "p1", quantity: 1) { id } }', { as: alan })).toEqual([
      'FORBIDDEN',
    ]);
    expect(await codes('mutation { changePrice(id: "p0", amount: 1) { id } }', { as: admin })).toEqual([
      'PRODUCT_NOT_FOUND',
    ]);
  });
});

describe('when services are away', () => {
  test('what the others know is still shown, and the rest says why it is not', async () => {
    await mesh.remove('inventory');
    await mesh.remove('accounts');
    const { data, errors } = await mesh.query(`{ products(first: 1) { edges { node {
      name inStock averageRating reviews(first: 1) { edges { node { rating author { name } } } } } } } }`);
    expect(data).toEqual({
      products: {
        edges: [
          {
            node: {
              name: 'Nordlicht Alta Espresso Machine',
              inStock: null,
              averageRating: expect.any(Number),
              reviews: { edges: [{ node: { rating: expect.any(Number), author: null } }] },
            },
          },
        ],
      },
    });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual([
      'SUBGRAPH_UNAVAILABLE',
      'SUBGRAPH_UNAVAILABLE',
    ]);
  });
});
