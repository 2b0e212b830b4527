import { describe, expect, test } from '@jest/globals';
import { SubgraphFetchError } from '../../../src/transport/subgraph-fetch-error.ts';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const catalog = {
  sdl: `${FEDERATION_2} type Query { items: [Product] } type Product @key(fields: "id") { id: ID! name: String }`,
  resolvers: {
    Query: {
      items: () => [
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B' },
      ],
    },
  },
};
const stock = {
  sdl: `${FEDERATION_2} type Product @key(fields: "id") { id: ID! inStock: Int } type Query { places: Int }`,
  resolvers: { Product: { inStock: () => 1 }, Query: { places: () => 2 } },
};
const prices = {
  sdl: `${FEDERATION_2} type Product @key(fields: "id") { id: ID! price: Int inStock: Int @external worth: Int @requires(fields: "inStock") } type Query { currencies: Int }`,
  resolvers: {
    Product: { price: () => 5, worth: ({ inStock }: { inStock: number }) => inStock * 5 },
    Query: { currencies: () => 3 },
  },
};
const down = (code: 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT') => () =>
  new SubgraphFetchError(code, 'stock', new Error('10.1.2.3'));

describe('a fetch that fails', () => {
  test('nulls only what it feeds, and what needs that', async () => {
    await using federation = await federate({
      catalog,
      stock: { ...stock, answer: down('SUBGRAPH_UNAVAILABLE') },
      prices,
    });
    expect(await federation.query('{ items { name inStock price worth } places currencies }')).toEqual({
      data: {
        items: [
          { name: 'A', inStock: null, price: 5, worth: null },
          { name: 'B', inStock: null, price: 5, worth: null },
        ],
        places: null,
        currencies: 3,
      },
      errors: expect.arrayContaining([
        {
          message: 'The subgraph "stock" could not be reached.',
          path: ['items'],
          extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'stock' },
        },
        expect.objectContaining({ path: ['places'] }),
      ]),
    });
  });

  test('is reported beside the failures of other subgraphs', async () => {
    const broken = { ...prices, answer: () => ({ errors: [{ message: 'broken' }] }) };
    await using federation = await federate({
      catalog,
      stock: { ...stock, answer: down('SUBGRAPH_TIMEOUT') },
      prices: broken,
    });
    const { errors } = await federation.query('{ items { inStock price } }');
    expect(errors?.map(({ extensions }) => [extensions?.service, extensions?.code]).sort()).toEqual([
      ['prices', 'DOWNSTREAM_SERVICE_ERROR'],
      ['stock', 'SUBGRAPH_TIMEOUT'],
    ]);
  });

  test.each([
    ['too few entities', { data: { _entities: [] } }],
    ['no list', { data: { _entities: 7 } }],
  ])('is an invalid response when the entities are %s', async (_, answer) => {
    await using federation = await federate({ catalog, stock: { ...stock, answer: () => answer } });
    const { data, errors } = await federation.query('{ items { inStock } }');
    expect(data).toEqual({ items: [{ inStock: null }, { inStock: null }] });
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_INVALID_RESPONSE', service: 'stock' } }]);
  });

  test('is an invalid response too where one of the missing entities has an error', async () => {
    const answer = () => ({
      data: { _entities: [null] },
      errors: [{ message: 'lost', path: ['_entities', 0, 'inStock'] }],
    });
    await using federation = await federate({ catalog, stock: { ...stock, answer } });
    const { data, errors } = await federation.query('{ items { inStock } }');
    expect(data).toEqual({ items: [{ inStock: null }, { inStock: null }] });
    expect(errors?.map(({ extensions }) => extensions?.code).sort()).toEqual([
      'DOWNSTREAM_SERVICE_ERROR',
      'SUBGRAPH_INVALID_RESPONSE',
    ]);
  });

  test('takes nothing from a share that another subgraph answered', async () => {
    const shared = (field: string, value: number) => ({
      sdl: `${FEDERATION_2} type Query { shop: Shop @shareable } type Shop { ${field}: Int }`,
      resolvers: { Query: { shop: () => ({ [field]: value }) } },
    });
    await using federation = await federate({
      a: shared('a', 1),
      b: {
        ...shared('b', 2),
        answer: () => ({ data: { shop: null }, errors: [{ message: 'b is ill', path: ['shop'] }] }),
      },
    });
    expect(await federation.query('{ shop { a b } }')).toMatchObject({
      data: { shop: { a: 1, b: null } },
      errors: [{ message: 'b is ill', path: ['shop'] }],
    });
  });
});
