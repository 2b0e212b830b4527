import { expect, test } from '@jest/globals';
import { type Context, Errors, type ServiceSchema } from 'moleculer';
import { fromAction } from '../subgraph/from-action.ts';
import type { ResolverContext } from '../subgraph/resolver-context.ts';
import { Subgraph } from '../subgraph/subgraph.ts';
import { createTestMesh } from './index.ts';

const link = (imports: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [${imports}])`;

const products: ServiceSchema = {
  name: 'products',
  mixins: [
    Subgraph({
      schema: `${link('"@key"')}
        type Query { topProducts: [Product!]!, me: String }
        type Mutation { rename(id: ID!, name: String!): Product }
        type Product @key(fields: "id") { id: ID!, name: String! }`,
      resolvers: {
        Query: {
          topProducts: (_parent, _args, { ctx }: ResolverContext) =>
            ctx.call('products.byIds', { ids: ['1', '2'] }),
          me: (_parent, _args, { ctx }: ResolverContext) => JSON.stringify(ctx.meta.user),
        },
        Mutation: {
          rename: async (_parent, args: { id: string; name: string }, { ctx }: ResolverContext) => {
            await ctx.broadcast('product.renamed', args);
            return args;
          },
        },
      },
      references: { Product: fromAction('products.byIds', { ids: 'id' }) },
    }),
  ],
  actions: {
    byIds: {
      params: { ids: { type: 'array', items: 'string' } },
      handler: (ctx: Context<{ ids: string[] }>) =>
        ctx.params.ids.map((id) => ({ id, name: `Product ${id}` })),
    },
    when: () => ({ at: new Date(0) }),
    refuse() {
      throw new Errors.MoleculerClientError('No', 403, 'FORBIDDEN');
    },
  },
};

const renamed: string[] = [];
const reviews: ServiceSchema = {
  name: 'reviews',
  mixins: [
    Subgraph({
      schema: `${link('"@key"')}
        type Product @key(fields: "id") { id: ID!, reviewCount: Int! }`,
      resolvers: { Product: { reviewCount: () => 3 } },
    }),
  ],
  events: {
    'product.renamed': async (ctx: Context<{ name: string }>) => {
      await ctx.call('products.when');
      renamed.push(ctx.params.name);
    },
  },
};

test('a query is answered by several services together', async () => {
  await using mesh = await createTestMesh({ services: [products, reviews] });
  expect(await mesh.query('{ topProducts { name reviewCount } }')).toEqual({
    data: {
      topProducts: [
        { name: 'Product 1', reviewCount: 3 },
        { name: 'Product 2', reviewCount: 3 },
      ],
    },
  });
});

test('queries and calls are made by whoever is named, else by nobody', async () => {
  await using mesh = await createTestMesh({ services: [products] });
  const me = { id: 'u1', roles: ['admin'] };
  expect(await mesh.query('{ me }', { as: me })).toEqual({ data: { me: JSON.stringify(me) } });
  expect(await mesh.query('{ me }')).toEqual({ data: { me: null } });
  await expect(mesh.call('products.byIds', { ids: 1 })).rejects.toMatchObject({ type: 'VALIDATION_ERROR' });
  await expect(mesh.call('products.refuse')).rejects.toMatchObject({ type: 'FORBIDDEN', nodeID: 'products' });
});

test('what nodes say to each other is serialized', async () => {
  await using mesh = await createTestMesh({ services: [products] });
  expect(await mesh.call('products.when')).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});

test('events are kept in order, awaited by name, and their handlers waited for', async () => {
  await using mesh = await createTestMesh({ services: [products, reviews] });
  renamed.length = 0;
  const next = mesh.nextEvent('product.renamed');
  const rename = 'mutation ($name: String!) { rename(id: "1", name: $name) { name } }';
  await mesh.query(rename, { variables: { name: 'Stool' } });
  expect(await next).toEqual({ id: '1', name: 'Stool' });
  await mesh.query(rename, { variables: { name: 'Bench' } });
  expect(mesh.emitted('product.renamed')).toEqual([
    { id: '1', name: 'Stool' },
    { id: '1', name: 'Bench' },
  ]);
  await mesh.settled();
  expect(renamed).toEqual(['Stool', 'Bench']);
});

test('a service that joins brings its fields, one that leaves keeps them unavailable', async () => {
  await using mesh = await createTestMesh({ services: [products] });
  const query = '{ topProducts { name reviewCount } }';
  expect(await mesh.query(query)).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  await mesh.add(reviews);
  expect((await mesh.query(query)).errors).toBeUndefined();
  await mesh.remove('reviews');
  expect(await mesh.query(query)).toMatchObject({
    errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
  });
  expect(() => mesh.broker('reviews')).toThrow("No node of the mesh runs 'reviews': gateway, products.");
});

test('replicas share the work', async () => {
  const who: ServiceSchema = { name: 'who', actions: { am: (ctx: Context) => ctx.broker.nodeID } };
  await using mesh = await createTestMesh({ services: [who, who] });
  const answers = [await mesh.call<string>('who.am'), await mesh.call<string>('who.am')];
  expect(answers.sort()).toEqual(['who', 'who-2']);
});

test('a subgraph that does not compose fails the mesh with the reason', async () => {
  const other: ServiceSchema = {
    name: 'other',
    mixins: [
      Subgraph({ schema: `${link('"@key"')} type Product @key(fields: "id") { id: ID!, name: Int }` }),
    ],
  };
  await expect(createTestMesh({ services: [products, other] })).rejects.toThrow(
    /refused subgraph '\w+': .*Product\.name/s,
  );
});

test('a service that cannot be created or started fails the mesh, or is not added to it', async () => {
  const unbuilt: ServiceSchema = {
    name: 'unbuilt',
    mixins: [Subgraph({ schema: 'type Query { a: Nope }' })],
  };
  const failing: ServiceSchema = {
    name: 'failing',
    started() {
      throw new Error('no database');
    },
  };
  await expect(createTestMesh({ services: [products, unbuilt] })).rejects.toThrow('Unknown type Nope');
  await expect(createTestMesh({ services: [products, failing] })).rejects.toThrow('no database');
  await using mesh = await createTestMesh({ services: [products] });
  await expect(mesh.add(unbuilt)).rejects.toThrow('Unknown type Nope');
  await expect(mesh.add(failing)).rejects.toThrow('no database');
  expect(() => mesh.broker('failing')).toThrow('No node of the mesh');
  await mesh.add(reviews);
  expect(await mesh.query('{ topProducts { reviewCount } }')).toMatchObject({
    data: { topProducts: [{}, {}] },
  });
});
