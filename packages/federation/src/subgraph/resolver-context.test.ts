import { expect, test } from '@jest/globals';
import type { Context } from 'moleculer';
import { serve } from './fixtures/serve.ts';
import type { ResolverContext } from './resolver-context.ts';
import { Subgraph } from './subgraph.ts';

const schema = `
  type Query { products(ids: [Int!]!): [Product!]! }
  type Mutation { change(id: Int!): Product! }
  type Product { id: Int! rating(scale: Int): Rating }
  type Rating { average: Float }
`;

async function shop() {
  const asked: unknown[] = [];
  const served = await serve(
    {
      name: 'ratings',
      actions: {
        byProducts: (ctx: Context<{ productIds: number[]; scale?: number }>) => {
          asked.push(ctx.params);
          return ctx.params.productIds
            .filter((id) => id < 9)
            .map((productId) => ({ productId, average: productId * (ctx.params.scale ?? 1) }))
            .reverse();
        },
        broken: () => 'nothing',
      },
    },
    {
      name: 'products',
      mixins: [
        Subgraph({
          schema,
          resolvers: {
            Query: { products: (_parent, { ids }: { ids: number[] }) => ids.map((id) => ({ id })) },
            Mutation: { change: (_parent, { id }: { id: number }) => ({ id }) },
            Product: {
              rating: (product: { id: number }, { scale }: { scale?: number }, { load }: ResolverContext) =>
                load(
                  'ratings.byProducts',
                  { productIds: 'productId' },
                  product.id,
                  scale ? { scale } : undefined,
                ),
            },
          },
        }),
      ],
    },
  );
  return Object.assign(served, { asked });
}

test('keys asked for in one operation travel in one call, each once, and come back to their field', async () => {
  await using served = await shop();
  const { data } = await served.query('products', '{ products(ids: [1, 2, 1, 9]) { rating { average } } }');
  expect(data!.products).toEqual(
    [1, 2, 1].map((average) => ({ rating: { average } })).concat({ rating: null } as never),
  );
  expect(served.asked).toEqual([{ productIds: [1, 2, 9] }]);
});

test('other params make another batch', async () => {
  await using served = await shop();
  const { data } = await served.query(
    'products',
    '{ products(ids: [1, 2]) { a: rating { average } b: rating(scale: 10) { average } } }',
  );
  expect(data!.products).toEqual([1, 2].map((n) => ({ a: { average: n }, b: { average: 10 * n } })));
  expect(served.asked).toEqual([{ productIds: [1, 2] }, { productIds: [1, 2], scale: 10 }]);
});

test('a later field of a mutation reads again', async () => {
  await using served = await shop();
  await served.query(
    'products',
    'mutation { a: change(id: 1) { rating { average } } b: change(id: 1) { rating { average } } }',
  );
  expect(served.asked).toEqual([{ productIds: [1] }, { productIds: [1] }]);
});
