/** What Apollo asks of a subgraph library (its subgraph compatibility suite), asked of ours. */
import { expect, test } from '@jest/globals';
import { GraphQLScalarType } from 'graphql';
import type { ServiceSchema } from 'moleculer';
import { createTestMesh } from '../testing/index.ts';
import { serve } from './fixtures/serve.ts';
import type { Representation } from './resolvers.ts';
import { Subgraph } from './subgraph.ts';

const research = { study: { caseNumber: '1234', description: 'Federation' }, outcome: null };
const product = {
  id: 'apollo-federation',
  sku: 'federation',
  package: '@apollo/federation',
  variation: { id: 'OSS' },
  dimensions: { size: 'small', weight: 1, unit: 'kg' },
  createdBy: { email: 'support@example.org', totalProductsCreated: 1337 },
  notes: 'internal',
  research: [research],
};
type User = { email: string; totalProductsCreated: number; yearsOfEmployment: number };

const products: ServiceSchema = {
  name: 'products',
  mixins: [
    Subgraph({
      schema: './fixtures/compatibility.graphql',
      resolvers: {
        Query: {
          product: (_parent, { id }: { id: string }) => (id === product.id ? product : null),
          things: () => [product, research],
          today: (_parent, { day }: { day: Date }) => day,
          units: (_parent, { unit }: { unit: number }) => unit * 1,
        },
        Mutation: { touch: () => 1 },
        Day: new GraphQLScalarType<Date, string>({
          name: 'Day',
          parseValue: (value) => new Date(String(value)),
          serialize: (value) => (value as Date).toISOString().slice(0, 10),
        }),
        Unit: { KILOGRAM: 1_000 },
        Thing: { __resolveType: (value) => ((value as object) === product ? 'Product' : 'Research') },
        User: {
          __resolveReference: (reference) => ({ ...reference, name: 'Jane' }),
          averageProductsCreatedPerYear: ({ totalProductsCreated, yearsOfEmployment }: User) =>
            Math.round(totalProductsCreated / yearsOfEmployment),
          name: () => 'Jane',
        },
        Inventory: { products: () => [product] },
      },
      references: {
        Product: (references: readonly Representation[]) =>
          references.map(({ id, sku, package: bundle, variation }) =>
            [
              id === product.id,
              sku === product.sku &&
                (bundle === product.package || (variation as { id?: string })?.id === 'OSS'),
            ].some(Boolean)
              ? product
              : null,
          ),
        Research: (references) =>
          references.map(({ study }) =>
            (study as { caseNumber: string }).caseNumber === '1234' ? research : null,
          ),
      },
    }),
  ],
};

const users: ServiceSchema = {
  name: 'users',
  mixins: [
    Subgraph({
      // Federation 1: no @link.
      schema: `
        type Query { user: User }
        type User @key(fields: "email") {
          email: ID!
          name: String
          totalProductsCreated: Int
          yearsOfEmployment: Int!
        }`,
      resolvers: {
        Query: {
          user: () => ({
            email: 'support@example.org',
            name: 'Old',
            totalProductsCreated: 1337,
            yearsOfEmployment: 10,
          }),
        },
      },
      references: {
        User: (all) => all.map(({ email }) => ({ email, totalProductsCreated: 1337, yearsOfEmployment: 10 })),
      },
    }),
  ],
};

const stores: ServiceSchema = {
  name: 'stores',
  mixins: [
    Subgraph({
      schema: `
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
        type Query { inventories: [Inventory!]! }
        interface Inventory @key(fields: "id") { id: ID! }
        type Warehouse implements Inventory @key(fields: "id") { id: ID!, city: String }
        type Dimensions @shareable { size: String, weight: Float }`,
      resolvers: { Query: { inventories: () => [{ __typename: 'Warehouse', id: 'w1', city: 'Oslo' }] } },
    }),
  ],
};

test('_service answers the SDL as it was written', async () => {
  await using served = await serve(products);
  const { data } = await served.query('products', '{ _service { sdl } }');
  const { sdl } = data!._service as { sdl: string };
  for (const word of ['@composeDirective(name: "@custom")', '@interfaceObject', '@override(from: "users")']) {
    expect(sdl).toContain(word);
  }
});

test.each([
  ['a single key', { id: 'apollo-federation' }],
  ['a compound key', { sku: 'federation', package: '@apollo/federation' }],
  ['a nested key', { sku: 'federation', variation: { id: 'OSS' } }],
])('_entities finds an entity by %s', async (_what, key) => {
  await using served = await serve(products);
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { id } } }';
  expect(await served.query('products', query, { r: [{ __typename: 'Product', ...key }] })).toEqual({
    data: { _entities: [{ id: 'apollo-federation' }] },
  });
});

test('_entities finds an entity by an object key', async () => {
  await using served = await serve(products);
  const query =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Research { study { description } } } }';
  const r = [{ __typename: 'Research', study: { caseNumber: '1234' } }];
  expect(await served.query('products', query, { r })).toEqual({
    data: { _entities: [{ study: { description: 'Federation' } }] },
  });
});

test('scalars, enums, unions and mutations execute', async () => {
  await using served = await serve(products);
  const query = '{ today(day: "2026-01-02") units(unit: KILOGRAM) things { __typename } }';
  expect(await served.query('products', query)).toEqual({
    data: {
      today: '2026-01-02',
      units: 'KILOGRAM',
      things: [{ __typename: 'Product' }, { __typename: 'Research' }],
    },
  });
  expect(await served.query('products', 'mutation { touch }')).toEqual({ data: { touch: 1 } });
});

test('@requires, @provides, @override, @shareable, @external and @interfaceObject work in a supergraph', async () => {
  await using mesh = await createTestMesh({ services: [products, users, stores] });
  const query = `{
    user { name averageProductsCreatedPerYear yearsOfEmployment }
    product(id: "apollo-federation") { createdBy { totalProductsCreated } dimensions { size weight } notes }
    inventories { id __typename products { sku } }
  }`;
  expect(await mesh.query(query)).toEqual({
    data: {
      user: { name: 'Jane', averageProductsCreatedPerYear: 134, yearsOfEmployment: 10 },
      product: {
        createdBy: { totalProductsCreated: 1337 },
        dimensions: { size: 'small', weight: 1 },
        notes: 'internal',
      },
      inventories: [{ id: 'w1', __typename: 'Warehouse', products: [{ sku: 'federation' }] }],
    },
  });
});

test('@inaccessible hides a field, @tag and @composeDirective reach the supergraph', async () => {
  await using mesh = await createTestMesh({ services: [products, users, stores] });
  const hidden = await mesh.query('{ product(id: "1") { dimensions { unit } } }');
  expect(hidden).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
  const { supergraphSdl } = mesh.gateway.supergraph.current!;
  expect(supergraphSdl).toMatch(/notes: String[^\n]* @tag\(name: "internal"\)/);
  expect(supergraphSdl).toContain('@custom');
});
