/** The gateway with its real engine over Moleculer services of the same process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { type Context, ServiceBroker, type ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { loadConfig } from './config.ts';
import { createGatewayService } from './gateway.service.ts';

const products: ServiceSchema = {
  name: 'products',
  mixins: [
    Subgraph({
      schema: `
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
        type Query { product(id: ID!): Product  seen: String  broken: String }
        type Product @key(fields: "id") { id: ID! name: String! }
      `,
      resolvers: {
        Query: {
          product: (_: unknown, { id }: { id: string }) => ({ id, name: `Product ${id}` }),
          seen: (_: unknown, __: unknown, { ctx }: { ctx: Context }) => ctx.call('probe.seen'),
          broken: () => {
            throw new Error('password=hunter2');
          },
        },
      },
    }),
  ],
};

const reviews: ServiceSchema = {
  name: 'reviews',
  mixins: [
    Subgraph({
      schema: `
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
        type Product @key(fields: "id") { id: ID! rating: Float }
      `,
      resolvers: { Product: { rating: () => 4.5 } },
      references: {
        Product: async (refs: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
          refs.map(({ id }) => ({ id })),
      },
    }),
  ],
};

describe('the gateway over real subgraphs', () => {
  let broker: ServiceBroker;
  let url: string;
  let dataDir: string;
  let seen: { requestID: string | null; meta: Record<string, unknown> } | undefined;

  const post = async (query: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const get = async (path: string) => fetch(`${url}${path}`);

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gateway-'));
    broker = new ServiceBroker({
      nodeID: 'one',
      logger: false,
      metrics: { enabled: true, collectProcessMetrics: false },
      skipProcessEventRegistration: true,
    });
    broker.createService(products);
    broker.createService(reviews);
    broker.createService({
      name: 'probe',
      actions: {
        seen(ctx: Context) {
          seen = { requestID: ctx.requestID, meta: ctx.meta };
          return 'seen';
        },
      },
    });
    const service = broker.createService(
      createGatewayService({ config: loadConfig({ PORT: '0', DATA_DIR: dataDir }) }),
    );
    const { supergraph } = (
      service as unknown as {
        app: { engine: { supergraph: import('moleculer-federation').SupergraphManager } };
      }
    ).app.engine;
    const whole = new Promise<void>((resolve) => {
      supergraph.on('generation', ({ subgraphs }) => subgraphs.size === 2 && resolve());
    });
    await broker.start();
    await whole;
    url = (service as unknown as { url: string }).url;
  });

  afterAll(async () => {
    await broker.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('answers one query out of two services', async () => {
    const { status, body } = await post('{ product(id: "p1") { name rating } }');

    expect({ status, body }).toEqual({
      status: 200,
      body: { data: { product: { name: 'Product p1', rating: 4.5 } } },
    });
  });

  test('answers the introspection of current query editors', async () => {
    const query = getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    const { status, body } = await post(query);

    expect(status).toBe(200);
    expect(
      Object.keys(
        buildClientSchema((body as { data: Parameters<typeof buildClientSchema>[0] }).data).getTypeMap(),
      ),
    ).toContain('Product');
    expect(
      await post(
        '{ __type(name: "Product") { name } s: __schema { queryType { name } } product(id: "p1") { name } }',
      ),
    ).toMatchObject({
      body: {
        data: {
          __type: { name: 'Product' },
          s: { queryType: { name: 'Query' } },
          product: { name: 'Product p1' },
        },
      },
    });
  });

  test('carries the trace of the client through every broker call', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { headers } = await post('{ seen }', { traceparent });

    expect(headers.get('x-request-id')).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(seen?.requestID).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(seen?.meta.traceparent).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    );
  });

  test('says nothing of what a resolver threw', async () => {
    const { body } = await post('{ broken }');

    expect(body).toMatchObject({
      data: { broken: null },
      errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(JSON.stringify(body)).not.toMatch(/hunter2|at .*\.ts/);
  });

  test('is ready, and says what it serves', async () => {
    const ready = await get('/health/ready');
    const supergraph = (await (await get('/supergraph')).json()) as {
      subgraphs: Array<{ name: string; hash: string; instances: string[] }>;
    };

    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ ready: true, missing: [], transporter: 'none' });
    expect(supergraph.subgraphs.map(({ name, instances }) => ({ name, instances }))).toEqual(
      expect.arrayContaining([
        { name: 'products', instances: ['one'] },
        { name: 'reviews', instances: ['one'] },
      ]),
    );
  });

  test('counts fetches by subgraph', async () => {
    await post('{ product(id: "p1") { name rating } }');
    const text = await (await get('/metrics')).text();

    expect(text).toMatch(/gateway_subgraph_fetches_total\{[^}]*subgraph="products"\} [1-9]/);
    expect(text).toMatch(/gateway_subgraph_fetches_total\{[^}]*subgraph="reviews"\} [1-9]/);
    expect(text).toMatch(/gateway_supergraph_subgraphs\{[^}]*\} 2/);
  });

  test('answers queries and plans to other services, for the REPL', async () => {
    const query = '{ product(id: "p1") { name rating } }';

    expect(await broker.call('gateway.query', { query })).toEqual({
      data: { product: { name: 'Product p1', rating: 4.5 } },
    });
    expect(await broker.call('gateway.plan', { query })).toMatchObject({ plan: { kind: 'Sequence' } });
  });
});
