import { describe, expect, test } from '@jest/globals';
import { Subgraph } from '../../../src/subgraph/subgraph.ts';
import { startMesh } from '../../support/mesh.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

const accounts = (more = '') => ({
  name: 'accounts',
  mixins: [
    Subgraph({
      schema: `${LINK} type Query { me: User whoami: String } type User @key(fields: "id") { id: ID! name: String ${more} }`,
      resolvers: {
        Query: {
          me: () => ({ id: '1', name: 'Ada' }),
          whoami: (_root, _args, { ctx }) => ctx.meta.user?.id ?? null,
        },
        User: more ? { email: () => 'ada@example.org' } : {},
      },
    }),
  ],
});

const reviews = {
  name: 'reviews',
  mixins: [
    Subgraph({
      schema: `${LINK} type User @key(fields: "id") { id: ID! reviews: [Review!]! } type Review { text: String! }`,
      resolvers: { User: { reviews: (user: { id: string }) => [{ text: `of ${user.id}` }] } },
    }),
  ],
};

describe('a gateway on a broker', () => {
  test('answers one query out of services on several nodes', async () => {
    await using mesh = await startMesh();
    await mesh.node('a', accounts());
    await mesh.node('r', reviews);
    await mesh.generation(({ subgraphs }) => subgraphs.size === 2);
    expect(await mesh.query('{ me { name reviews { text } } }')).toEqual({
      data: { me: { name: 'Ada', reviews: [{ text: 'of 1' }] } },
    });
  });

  test('serves a new field as soon as its service is there, and old fields on', async () => {
    await using mesh = await startMesh();
    const old = await mesh.node('a1', accounts());
    const first = await mesh.generation();
    await mesh.node('a2', accounts('email: String'));
    const second = await mesh.generation(({ id }) => id > first.id);
    expect(await mesh.query('{ me { name email } }')).toEqual({
      data: { me: { name: 'Ada', email: 'ada@example.org' } },
    });
    await old.stop();
    expect(await mesh.query('{ me { name email } }')).toEqual({
      data: { me: { name: 'Ada', email: 'ada@example.org' } },
    });
    expect(mesh.gateway.supergraph.current).toBe(second);
  });

  test('keeps the fields of a subgraph that is gone: they are null, with the code SUBGRAPH_UNAVAILABLE', async () => {
    await using mesh = await startMesh();
    await mesh.node('a', accounts());
    const gone = await mesh.node('r', reviews);
    await mesh.generation(({ subgraphs }) => subgraphs.size === 2);
    await gone.stop();
    expect(await mesh.query('{ whoami me { name reviews { text } } }')).toEqual({
      data: { whoami: null, me: null },
      errors: [
        {
          message: 'The subgraph "reviews" could not be reached.',
          path: ['me', 'reviews'],
          extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'reviews' },
        },
      ],
    });
    expect(
      mesh.gateway.supergraph.status().subgraphs.find(({ name }) => name === 'reviews')?.instances,
    ).toEqual([]);
  });

  test("hands the caller's meta to the resolvers, and takes none back", async () => {
    await using mesh = await startMesh();
    await mesh.node('a', accounts());
    await mesh.generation();
    mesh.gatewayBroker.createService({
      name: 'edge',
      actions: {
        async run(ctx) {
          const result = await mesh.query('{ whoami }', {}, { ctx });
          return { result, meta: ctx.meta };
        },
      },
    });
    await mesh.gatewayBroker.waitForServices('edge');
    const answer = await mesh.gatewayBroker.call('edge.run', {}, { meta: { user: { id: 'u7', roles: [] } } });
    expect(answer).toEqual({ result: { data: { whoami: 'u7' } }, meta: { user: { id: 'u7', roles: [] } } });
  });
});
