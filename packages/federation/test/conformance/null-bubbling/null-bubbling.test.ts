import { describe, expect, test } from '@jest/globals';
import type { SubgraphRequest } from '../../../src/protocol.ts';
import { answerEntities, FEDERATION_2, federate } from '../../support/federate.ts';

const catalog = {
  sdl: `${FEDERATION_2} type Query { list: [Product!] loose: [Product] one: Product } type Product @key(fields: "id") { id: ID! }`,
  resolvers: {
    Query: {
      list: () => [{ id: 'a' }, { id: 'b' }],
      loose: () => [{ id: 'a' }, null, { id: 'b' }],
      one: () => ({ id: 'b' }),
    },
  },
};
const stock = {
  sdl: `${FEDERATION_2} type Product @key(fields: "id") { id: ID! inStock: Int! place: String }`,
  answer: (request: SubgraphRequest) =>
    answerEntities(request, ({ id }) =>
      id === 'b' ? null : { __typename: 'Product', inStock: 1, place: 'Ulm' },
    ),
};

describe('a null where the schema says non-null', () => {
  test('nulls the nearest nullable parent, with an error where it was found', async () => {
    await using federation = await federate({ catalog, stock });
    const { data, errors } = await federation.query('{ loose { id inStock } }');
    expect(data).toEqual({ loose: [{ id: 'a', inStock: 1 }, null, null] });
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Cannot return null for non-nullable field Product.inStock.',
        path: ['loose', 2, 'inStock'],
        extensions: { code: 'SUBGRAPH_INVALID_RESPONSE', service: 'stock' },
      }),
    ]);
  });

  test('nulls a whole list of non-null items', async () => {
    await using federation = await federate({ catalog, stock });
    const { data, errors } = await federation.query('{ list { inStock } one { place } }');
    expect(data).toEqual({ list: null, one: { place: null } });
    expect(errors).toHaveLength(1);
  });

  test('adds no second error when the subgraph gave one for the field', async () => {
    const failing = {
      ...stock,
      answer: () => ({
        data: { _entities: [null] },
        errors: [{ message: 'lost', path: ['_entities', 0, 'inStock'] }],
      }),
    };
    await using federation = await federate({ catalog, stock: failing });
    const { data, errors } = await federation.query('{ one { inStock } }');
    expect(data).toEqual({ one: null });
    expect(errors).toMatchObject([{ message: 'lost', path: ['one', 'inStock'] }]);
  });

  test('nulls all data when it reaches the root', async () => {
    const sdl = `${FEDERATION_2} type Query { must: Int! }`;
    await using federation = await federate({
      a: { sdl, answer: () => ({ data: null, errors: [{ message: 'no' }] }) },
    });
    expect(await federation.query('{ must }')).toEqual({
      data: null,
      errors: [
        { message: 'no', path: ['must'], extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'a' } },
      ],
    });
  });

  // The subgraph does not hold to its own types: what it says is null where it may not be.
  test.each([
    ['[[Int]]', [[1, null]], [[1, null]], undefined],
    ['[[Int!]]', [[1, null], [2]], [null, [2]], ['v', 0, 1]],
    ['[[Int!]!]', [[1, null], [2]], null, ['v', 0, 1]],
    ['[[Int]!]', [null, [2]], null, ['v', 0]],
    ['[O]', [{ n: 1 }, { n: null }], [{ n: 1 }, null], ['v', 1, 'n']],
    ['[O!]', [{ n: 1 }, { n: null }], null, ['v', 1, 'n']],
    ['[[O!]]', [[{ n: null }], [{ n: 2 }]], [null, [{ n: 2 }]], ['v', 0, 0, 'n']],
  ])('in %s nulls as much as the types demand', async (type, value, expected, path) => {
    const answer = () => ({ data: { v: value, w: 5 } });
    const sdl = `${FEDERATION_2} type Query { v: ${type} w: Int } type O { n: Int! }`;
    await using federation = await federate({ a: { sdl, answer } });
    const { data, errors } = await federation.query(type.includes('O') ? '{ v { n } w }' : '{ v w }');
    expect(data).toEqual({ v: expected, w: 5 });
    expect(errors?.map((error) => [error.path, error.extensions])).toEqual(
      path && [[path, { code: 'SUBGRAPH_INVALID_RESPONSE', service: 'a' }]],
    );
  });
});
