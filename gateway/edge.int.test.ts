/** The edge over HTTP, with a stub for an engine. */
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import type { FetchContext } from 'moleculer-federation';
import { startGateway } from './testing/start-gateway.ts';
import { createStubEngine } from './testing/stub-engine.ts';

const json = { 'content-type': 'application/json' };

describe('answers', () => {
  test('a query by POST and by GET', async () => {
    await using gateway = await startGateway();
    const get = await fetch(`${gateway.url}/graphql?query={hello}`);

    expect(await gateway.query({ query: '{ hello }' })).toMatchObject({
      status: 200,
      body: { data: { hello: 'world' } },
    });
    expect([get.status, await get.json()]).toEqual([200, { data: { hello: 'world' } }]);
  });

  test('carry strict headers', async () => {
    await using gateway = await startGateway();
    const { headers } = await gateway.query({ query: '{ hello }' });

    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test('mask what a resolver threw, and log it under the request id', async () => {
    await using gateway = await startGateway({
      resolvers: {
        fail: () => {
          throw new Error('password=hunter2');
        },
      },
    });
    const { status, body, headers } = await gateway.query({ query: '{ hello fail }' });

    expect([status, body]).toEqual([
      200,
      {
        data: { hello: 'world', fail: null },
        errors: [
          {
            message: 'Internal server error',
            locations: expect.anything(),
            path: ['fail'],
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ],
      },
    ]);
    const [logged] = gateway.log.find(({ level }) => level === 'error')?.args ?? [];
    expect(logged).toMatchObject({
      requestId: headers.get('x-request-id'),
      err: expect.objectContaining({ message: 'password=hunter2' }),
    });
  });

  test('are 503 with Retry-After while there is no supergraph, for every client', async () => {
    const engine = createStubEngine('type Query { hello: String }');
    engine.vanish();
    await using gateway = await startGateway({ engine });
    for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
      const { status, body, headers } = await gateway.query({ query: '{ hello }' }, { accept });

      expect([status, body.errors?.[0]?.extensions.code, headers.get('retry-after')]).toEqual([
        503,
        'SUPERGRAPH_UNAVAILABLE',
        '1',
      ]);
    }
  });

  test('are GraphiQL for a browser, unless it is switched off', async () => {
    await using on = await startGateway();
    await using off = await startGateway({ env: { PLAYGROUND: 'false' } });
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const page = await fetch(`${on.url}/graphql`, { headers });

    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
    expect(await page.text()).not.toMatch(/https?:\/\//);
    expect(
      (await fetch(`${off.url}/graphql?query={hello}`, { headers })).headers.get('content-type'),
    ).toMatch('application/json');
    for (const path of ['/playground', '/assets/graphiql/start.js'])
      expect((await fetch(`${off.url}${path}`)).status).toBe(404);
  });
});

describe('the time of an operation', () => {
  test('ends at REQUEST_TIMEOUT, and the engine is told', async () => {
    const seen: FetchContext[] = [];
    await using gateway = await startGateway({
      env: { REQUEST_TIMEOUT: '100' },
      resolvers: {
        slow: (_, context) => {
          seen.push(context);
          return new Promise(() => {});
        },
      },
    });
    // On a busy machine the time may be over before the engine is asked: then once more.
    while (seen.length === 0) {
      const { status, body } = await gateway.query({ query: '{ slow }' });
      expect([status, body.errors?.[0]?.extensions.code]).toEqual([504, 'REQUEST_TIMEOUT']);
    }
    expect(seen[0]?.signal?.aborted).toBe(true);
    expect(seen[0]?.deadline).toBeLessThan(performance.now());
  });

  test('ends when the client goes away', async () => {
    const started = Promise.withResolvers<FetchContext>();
    await using gateway = await startGateway({
      resolvers: {
        slow: (_, context) => {
          started.resolve(context);
          return new Promise(() => {});
        },
      },
    });
    const client = new AbortController();
    const answer = fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: json,
      body: '{"query":"{ slow }"}',
      signal: client.signal,
    });
    const { signal } = await started.promise;
    expect(signal?.aborted).toBe(false);
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    if (!signal?.aborted) await once(signal as AbortSignal, 'abort');
  });
});

describe('CORS', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
  };

  test('is off by default', async () => {
    await using gateway = await startGateway();
    const { headers, status } = await fetch(`${gateway.url}/graphql`, preflight);

    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, null]);
  });

  test('grants the origins it was told, errors included, and no other', async () => {
    await using gateway = await startGateway({ env: { CORS_ORIGINS: 'https://shop.example' } });
    const { headers } = await fetch(`${gateway.url}/graphql`, preflight);
    const good = await gateway.query({ query: '{ nope }' }, { origin: 'https://shop.example' });
    const bad = await gateway.query({ query: '{ hello }' }, { origin: 'https://evil.example' });

    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringContaining('authorization'),
      vary: 'Origin',
    });
    expect(good.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(good.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(bad.headers.get('access-control-allow-origin')).toBeNull();
    expect(bad.headers.get('vary')).toBe('Origin');
  });
});

describe('the service actions', () => {
  test('forget a subgraph, and say why not', async () => {
    const engine = createStubEngine('type Query { hello: String }');
    await using gateway = await startGateway({ engine });
    await gateway.broker.call('gateway.forget', { subgraph: 'reviews' });

    expect(engine.forgotten).toEqual(['reviews']);
    await expect(gateway.broker.call('gateway.forget', { subgraph: 'nope' })).rejects.toMatchObject({
      code: 409,
      message: 'There is no subgraph "nope".',
    });
  });

  test('run a query with the identity of the caller', async () => {
    await using gateway = await startGateway({
      resolvers: { whoami: (_, { ctx }) => (ctx?.meta as { user?: { id: string } } | undefined)?.user?.id },
    });
    const meta = { user: { id: 'u7', roles: [] } };

    expect(await gateway.broker.call('gateway.query', { query: '{ whoami }' }, { meta })).toEqual({
      data: { whoami: 'u7' },
    });
  });

  test('leave nothing for a stranger to change routes with', async () => {
    await using gateway = await startGateway();
    const names = gateway.broker.registry.actions
      .list({ withEndpoints: false })
      .map((action) => (action as { name: string }).name);

    expect(names.filter((name) => name.startsWith('gateway.')).sort()).toEqual([
      'gateway.forget',
      'gateway.plan',
      'gateway.query',
      'gateway.supergraph',
    ]);
  });
});

describe('logs and metrics', () => {
  test('hold one line per request, without variables or tokens', async () => {
    await using gateway = await startGateway();
    await gateway.query({ query: 'query Cart($secret: Int) { hello }', variables: { secret: 4711 } });
    await fetch(`${gateway.url}/graphql?query={hello}&variables={"secret":4711}`);
    const lines = gateway.log.filter(({ args }) => typeof args[0] === 'object').map(({ args }) => args[0]);

    expect(lines).toMatchObject([
      {
        method: 'POST',
        path: '/graphql',
        status: 400,
        operation: 'Cart',
        outcome: 'client_error',
        codes: ['GRAPHQL_VALIDATION_FAILED'],
      },
      {
        method: 'GET',
        path: '/graphql',
        status: 200,
        outcome: 'success',
        requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
    expect(JSON.stringify(gateway.log)).not.toContain('4711');
  });

  test('count operations by name and outcome, and errors by code', async () => {
    await using gateway = await startGateway({
      resolvers: {
        fail: () => {
          throw new GraphQLError('no', { extensions: { code: 'OUT_OF_STOCK' } });
        },
      },
    });
    await gateway.query({ query: 'query Cart { hello }' });
    await gateway.query({ query: 'query Cart { hello fail }' });
    await gateway.query({ query: 'query Cart { nope }' });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();

    for (const outcome of ['success', 'partial', 'client_error'])
      expect(metrics).toMatch(
        new RegExp(`gateway_operations_total\\{[^}]*operation="Cart",outcome="${outcome}"\\} 1\\n`),
      );
    expect(metrics).toMatch(/gateway_errors_total\{[^}]*code="OUT_OF_STOCK"\} 1\n/);
    expect(metrics).toMatch(/gateway_supergraph_generation\{[^}]*\} 3\n/);
    expect(metrics).toMatch(/gateway_supergraph_subgraphs_unavailable\{[^}]*\} 1\n/);
    expect(metrics).toMatch(/moleculer_registry_services_total/);
  });
});
