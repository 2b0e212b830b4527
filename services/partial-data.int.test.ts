/** What a client sees while some services are away. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

test('what the others know is still shown, and the rest says why it is not', async () => {
  await shop.mesh.remove('inventory');
  await shop.mesh.remove('accounts');
  const { data, errors } = await shop.mesh.query(`{ products(first: 1) { edges { node {
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
