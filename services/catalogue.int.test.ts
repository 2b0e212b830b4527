/** What anybody reads: one API over several services, paged, batched, and refusing nonsense. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

test('one query spans products, inventory, reviews, accounts and shipping', async () => {
  const { product } = await shop.data(`{
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
  shop.calls.clear();
  const { products } = await shop.data(`{ products(first: 30) { edges { node {
    name available averageRating reviewCount shippingEstimate { amount }
    reviews(first: 1) { edges { node { author { name } } } } } } } }`);
  expect((products as { edges: unknown[] }).edges).toHaveLength(30);
  expect(Object.fromEntries(shop.calls)).toEqual({
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
  const one = (await shop.data(query)).products as { pageInfo: { endCursor: string } };
  expect(one).toMatchObject({ totalCount: 120, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  const two = (await shop.data(query, { variables: { after: one.pageInfo.endCursor } })).products;
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
  expect(await shop.codes(query)).toEqual([code]);
});

test('what does not exist is null', async () => {
  expect(await shop.data('{ product(id: "p0") { name } user(id: "u0") { name } me { name } }')).toEqual({
    product: null,
    user: null,
    me: null,
  });
});

test('shipping quotes depend on weight and value', async () => {
  expect(
    await shop.data('{ shippingQuotes(weight: 1500, value: 5000) { method price { amount } days } }'),
  ).toEqual({
    shippingQuotes: [
      { method: 'Standard', price: { amount: 490 }, days: 3 },
      { method: 'Express', price: { amount: 1_290 }, days: 1 },
      { method: 'Freight', price: { amount: 4_900 }, days: 5 },
    ],
  });
});
