import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const catalog = {
  sdl: `${FEDERATION_2} type Query { items: [Product] again: [[Product]] } type Product @key(fields: "id") { id: ID! }`,
  resolvers: {
    Query: {
      items: () => [{ id: 'a' }, null, null, { id: 'b' }],
      again: () => [[null, { id: 'b' }], null, [{ id: 'a' }]],
    },
  },
};
const stock = {
  sdl: `${FEDERATION_2} type Product @key(fields: "id") { id: ID! inStock: Int place: String }`,
  resolvers: {
    Product: {
      inStock: ({ id }: { id: string }) => {
        if (id === 'b') throw new Error('count lost');
        return 1;
      },
    },
  },
};

describe("a subgraph's error", () => {
  test('has the index of the item, also when the list has holes', async () => {
    await using federation = await federate({ catalog, stock });
    const { data, errors } = await federation.query('{ items { n: inStock } }');
    expect(data).toEqual({ items: [{ n: 1 }, null, null, { n: null }] });
    expect(errors).toMatchObject([{ message: 'count lost', path: ['items', 3, 'n'] }]);
  });

  test('is there for each place of the answer that one representation stands for', async () => {
    const twice = {
      ...catalog,
      resolvers: { Query: { items: () => [{ id: 'b' }, { id: 'a' }, { id: 'b' }] } },
    };
    await using federation = await federate({ catalog: twice, stock });
    const { errors } = await federation.query('{ items { inStock } }');
    expect(errors?.map(({ path }) => path)).toEqual([
      ['items', 0, 'inStock'],
      ['items', 2, 'inStock'],
    ]);
    expect(federation.fetches[1]?.variables?.representations).toHaveLength(2);
  });

  test('is placed inside lists of lists', async () => {
    await using federation = await federate({ catalog, stock });
    const { data, errors } = await federation.query('{ again { inStock } }');
    expect(data).toEqual({ again: [[null, { inStock: null }], null, [{ inStock: 1 }]] });
    expect(errors?.map(({ path }) => path)).toEqual([['again', 0, 1, 'inStock']]);
  });

  test('keeps its code and extensions, gets `service`, loses what shows the inside of the subgraph', async () => {
    const extensions = {
      code: 'OUT_OF_STOCK',
      sku: 7,
      stacktrace: ['at /srv/secret.js'],
      exception: {},
      service: 'forged',
    };
    const answer = () => ({
      data: { items: null },
      errors: [{ message: 'sold out', path: ['items'], extensions }],
    });
    await using federation = await federate({ catalog: { ...catalog, answer }, stock });
    const { errors } = await federation.query('{ items { id } }');
    expect(errors).toEqual([
      {
        message: 'sold out',
        path: ['items'],
        extensions: { code: 'OUT_OF_STOCK', sku: 7, service: 'catalog' },
      },
    ]);
  });

  test('names no field that only a requirement needed, below a null neither', async () => {
    const weights = {
      sdl: `${FEDERATION_2} type Product @key(fields: "id") { id: ID! weight(unit: String): Int }`,
      resolvers: {
        Product: {
          weight: () => {
            throw new Error('no scales');
          },
        },
      },
    };
    const post = {
      sdl: `${FEDERATION_2} type Product @key(fields: "id") { id: ID! weight(unit: String): Int @external postage: Int! @requires(fields: "weight(unit: \\"g\\")") }`,
      resolvers: { Product: { postage: ({ weight }: { weight: number | null }) => weight } },
    };
    await using federation = await federate({ catalog, weights, post });
    const { data, errors } = await federation.query('{ items { id postage } }');
    expect(data).toEqual({ items: [null, null, null, null] });
    expect(errors).toMatchObject([
      { message: 'no scales', path: ['items', 0] },
      { path: ['items', 3] },
      {},
      {},
    ]);
    expect(errors!.flatMap(({ path }) => path)).not.toContain('weight__required_0');
  });
});
