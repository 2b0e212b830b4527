import { expect, test } from '@jest/globals';
import type { Context } from 'moleculer';
import { serve } from './fixtures/serve.ts';
import { fromAction } from './from-action.ts';
import { Subgraph, type SubgraphOptions } from './subgraph.ts';

const schema = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
  type Product @key(fields: "id") @key(fields: "sku") {
    id: ID!
    sku: String
    name: String
    weight: Int @external
    heavy: Boolean @requires(fields: "weight")
  }
  type User @key(fields: "id") { id: ID!, name: String }
`;
const byType = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Product { id name } ... on User { id name } } }`;

async function ask(options: Partial<SubgraphOptions>, representations: unknown[], query = byType) {
  await using served = await serve({ name: 'a', mixins: [Subgraph({ schema, ...options })] });
  return { ...(await served.query('a', query, { r: representations })), log: served.log };
}

test('all references of a type come in one call, equal ones once, and entities go back in order', async () => {
  const calls: unknown[] = [];
  const { data, errors } = await ask(
    {
      references: {
        Product: (references) => {
          calls.push(references);
          return references.map(({ id }) => ({ id, name: `product ${id}` }));
        },
        User: async (references) => {
          calls.push(references);
          return references.map(({ id }) => ({ id, name: `user ${id}` }));
        },
      },
    },
    [
      { __typename: 'Product', id: '1' },
      { __typename: 'User', id: '1' },
      { __typename: 'Product', id: '2' },
      { __typename: 'Product', id: '1' },
    ],
  );
  expect(errors).toBeUndefined();
  expect(data!._entities).toEqual([
    { __typename: 'Product', id: '1', name: 'product 1' },
    { __typename: 'User', id: '1', name: 'user 1' },
    { __typename: 'Product', id: '2', name: 'product 2' },
    { __typename: 'Product', id: '1', name: 'product 1' },
  ]);
  expect(calls).toEqual([
    [
      { __typename: 'Product', id: '1' },
      { __typename: 'Product', id: '2' },
    ],
    [{ __typename: 'User', id: '1' }],
  ]);
});

test('an unknown entity is null, a failed one is null with an error at its place, the others stay', async () => {
  const { data, errors } = await ask(
    { references: { Product: () => [{ id: '1' }, null, undefined, new Error('secret')] } },
    ['1', '2', '3', '4'].map((id) => ({ __typename: 'Product', id })),
  );
  expect(data!._entities).toEqual([{ __typename: 'Product', id: '1', name: null }, null, null, null]);
  expect(errors).toMatchObject([{ message: 'Internal server error', path: ['_entities', 3] }]);
});

test('a batch that throws or answers the wrong number fails its own type only, and is logged once', async () => {
  for (const Product of [() => [], () => 'x' as never, () => Promise.reject(new Error('down'))]) {
    const { data, errors, log } = await ask({ references: { Product } }, [
      { __typename: 'Product', id: '1' },
      { __typename: 'Product', id: '2' },
      { __typename: 'User', id: '1' },
    ]);
    expect(data!._entities).toEqual([null, null, { __typename: 'User', id: '1', name: null }]);
    expect(errors!.map(({ path }) => path)).toEqual([
      ['_entities', 0],
      ['_entities', 1],
    ]);
    expect(log).toHaveLength(1);
  }
});

test('a bad representation fails alone', async () => {
  const { data, errors } = await ask({}, [
    { id: '1' },
    'x',
    { __typename: 'Nope' },
    { __typename: 'Product', id: '1' },
  ]);
  expect(data!._entities).toEqual([null, null, null, { __typename: 'Product', id: '1', name: null }]);
  expect(errors!.map(({ extensions }) => extensions)).toEqual(Array(3).fill({ code: 'BAD_USER_INPUT' }));
});

test('__resolveReference works as with @apollo/subgraph, one reference at a time', async () => {
  const { data, errors } = await ask(
    {
      resolvers: {
        Product: {
          __resolveReference: async ({ id }) => {
            if (id === '2') throw new Error('down');
            return { id, name: `product ${id}` };
          },
        },
      },
    },
    ['1', '2', '3'].map((id) => ({ __typename: 'Product', id })),
  );
  expect(data!._entities).toEqual([
    { __typename: 'Product', id: '1', name: 'product 1' },
    null,
    { __typename: 'Product', id: '3', name: 'product 3' },
  ]);
  expect(errors).toMatchObject([{ path: ['_entities', 1] }]);
});

test('frozen and shared rows are served', async () => {
  const row = Object.freeze({ id: '1', name: 'both' });
  const shared = { id: '1', name: 'both' };
  for (const item of [row, shared]) {
    const { data, errors } = await ask({ references: { Product: () => [item], User: () => [item] } }, [
      { __typename: 'Product', id: '1' },
      { __typename: 'User', id: '1' },
    ]);
    expect(errors).toBeUndefined();
    expect(data!._entities).toEqual([
      { __typename: 'Product', id: '1', name: 'both' },
      { __typename: 'User', id: '1', name: 'both' },
    ]);
  }
});

test('an interface entity is loaded once and told apart by its __typename or __resolveType', async () => {
  const media = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String }
    type Film implements Media @key(fields: "id") { id: ID! title: String }
  `;
  const query =
    'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Media { id title } } }';
  const representations = ['b1', 'f1'].map((id) => ({ __typename: 'Media', id }));
  const entities = [
    { __typename: 'Book', id: 'b1', title: 'T b1' },
    { __typename: 'Film', id: 'f1', title: 'T f1' },
  ];
  const typed = await ask(
    { schema: media, references: { Media: () => entities.map((entity) => ({ ...entity })) } },
    representations,
    query,
  );
  expect(typed.data!._entities).toEqual(entities);
  const counted = { Book: 0, Film: 0 };
  const load = (type: 'Book' | 'Film') => (references: ReadonlyArray<{ id: string }>) => {
    counted[type] += 1;
    return references.map(({ id }) => ({ id, title: `T ${id}` }));
  };
  const byIdPrefix = await ask(
    {
      schema: media,
      resolvers: {
        Media: { __resolveType: (value) => ((value as { id: string }).id.startsWith('b') ? 'Book' : 'Film') },
      },
      references: { Book: load('Book'), Film: load('Film') },
    },
    representations,
    query,
  );
  expect(byIdPrefix.data!._entities).toEqual(entities);
  expect(counted).toEqual({ Book: 1, Film: 1 });
});

test('fromAction asks an action for all keys once, matches by key and keeps what @requires brought', async () => {
  const asked: unknown[] = [];
  await using served = await serve(
    {
      name: 'store',
      actions: {
        byIds: (ctx: Context<{ ids: string[] }>) => {
          asked.push(ctx.params);
          // Ids as numbers, in another order, one unknown.
          return [
            { id: 2, name: 'two' },
            { id: 1, name: 'one' },
          ];
        },
      },
    },
    {
      name: 'a',
      mixins: [
        Subgraph({
          schema,
          resolvers: { Product: { heavy: (product: unknown) => (product as { weight: number }).weight > 9 } },
          references: { Product: fromAction('store.byIds', { ids: 'id' }) },
        }),
      ],
    },
  );
  const r = [
    { __typename: 'Product', id: '1', weight: 10 },
    { __typename: 'Product', id: '2', weight: 1 },
    { __typename: 'Product', id: '3' },
    { __typename: 'Product', sku: 'x' },
  ];
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { name heavy } } }';
  const { data, errors } = await served.query('a', query, { r });
  expect(data!._entities).toEqual([{ name: 'one', heavy: true }, { name: 'two', heavy: false }, null, null]);
  expect(errors).toMatchObject([{ path: ['_entities', 3] }]);
  expect(asked).toEqual([{ ids: ['1', '2', '3'] }]);
});
