import { describe, expect, test } from '@jest/globals';
import { type CallingOptions, type Context, Errors, ServiceBroker } from 'moleculer';
import { BrokerTransport } from './broker-transport.ts';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import type { FetchContext } from './transport.ts';

const subgraph = { name: 's', hash: 'h', sdl: '', route: { kind: 'broker', service: 'v1.s' } } as const;

async function start(handler: (ctx: Context) => unknown) {
  const calls: Array<{ action: string | undefined; options: CallingOptions & { idempotent?: boolean } }> = [];
  const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
  const record = (ctx: Context): unknown => {
    calls.push({ action: ctx.action?.name, options: ctx.options });
    return handler(ctx);
  };
  broker.createService({ name: 's', version: 1, actions: { 'subgraph.h': record } });
  await broker.start();
  const transport = new BrokerTransport(broker, 5_000);
  return {
    broker,
    calls,
    fetch: (context: FetchContext = {}, operation: 'query' | 'mutation' = 'query', hash = 'h') =>
      transport.fetch({ ...subgraph, hash }, { query: '{ a }' }, operation, context),
    [Symbol.asyncDispose]: () => broker.stop(),
  };
}

const codeOf = (fetch: Promise<unknown>): Promise<string> =>
  fetch.then(
    () => 'no error',
    (error: unknown) =>
      error instanceof SubgraphFetchError ? error.code : `no SubgraphFetchError: ${String(error)}`,
  );

describe('the broker transport', () => {
  test('calls the action of the very hash, and lets only queries be repeated', async () => {
    await using mesh = await start(() => ({ data: { a: 1 } }));
    expect(await mesh.fetch()).toEqual({ data: { a: 1 } });
    await mesh.fetch({}, 'mutation');
    expect(mesh.calls.map(({ action, options }) => [action, options.timeout, options.idempotent])).toEqual([
      ['v1.s.subgraph.h', 5_000, true],
      ['v1.s.subgraph.h', 5_000, false],
    ]);
    expect(await codeOf(mesh.fetch({}, 'query', 'other'))).toBe('SUBGRAPH_UNAVAILABLE');
  });

  test('hands an action of this process the whole request, however long it is', async () => {
    for (const long of [1, 5_000]) {
      const request = { query: '{ a }', variables: { text: 'x'.repeat(long) } };
      const seen: unknown[] = [];
      await using mesh = await start((ctx) => {
        seen.push(ctx.params);
        return { data: { a: 1 } };
      });
      const transport = new BrokerTransport(mesh.broker, 5_000);
      expect(await transport.fetchText(subgraph, JSON.stringify(request), {})).toBe('{"data":{"a":1}}');
      expect(seen).toEqual([request]);
    }
  });

  test('a long request reaches another node whole, over a transporter that knows nothing of text', async () => {
    const request = { query: '{ a }', variables: { text: 'x'.repeat(5_000) } };
    const options = {
      namespace: 'long-requests',
      transporter: 'Fake',
      logger: false,
      skipProcessEventRegistration: true,
    } as const;
    const server = new ServiceBroker({ ...options, nodeID: 'server' });
    const back = (ctx: Context) => ({ data: { params: ctx.params } });
    server.createService({ name: 's', version: 1, actions: { 'subgraph.h': back } });
    const client = new ServiceBroker({ ...options, nodeID: 'client' });
    await Promise.all([server.start(), client.start()]);
    try {
      await client.waitForServices('v1.s');
      const answer = await new BrokerTransport(client, 5_000).fetchText(
        subgraph,
        JSON.stringify(request),
        {},
      );
      expect(JSON.parse(answer)).toEqual({ data: { params: request } });
    } finally {
      await Promise.all([server.stop(), client.stop()]);
    }
  });

  test("shortens the timeout to the request's deadline, and sends nothing after it", async () => {
    await using mesh = await start(() => ({ data: {} }));
    await mesh.fetch({ deadline: performance.now() + 4_000 });
    expect(mesh.calls[0]!.options.timeout).toBeLessThanOrEqual(4_000);
    expect(await codeOf(mesh.fetch({ deadline: performance.now() - 1 }))).toBe('REQUEST_TIMEOUT');
    expect(mesh.calls).toHaveLength(1);
  });

  test('waits no longer than the client', async () => {
    let answer = (_: unknown): void => {};
    await using mesh = await start(() => new Promise((resolve) => (answer = resolve)));
    const client = new AbortController();
    const code = codeOf(mesh.fetch({ signal: client.signal }));
    client.abort();
    expect(await code).toBe('REQUEST_TIMEOUT');
    answer({ data: {} });
  });

  test('hands on meta and request id, and takes no meta back', async () => {
    await using mesh = await start((ctx) => {
      const { user } = ctx.meta as { user: { id: string } };
      Object.assign(ctx.meta, { user: { id: 'forged' } });
      return { data: { user: user.id, requestID: ctx.requestID, level: ctx.level } };
    });
    const ctx = mesh.broker.ContextFactory.create(mesh.broker);
    Object.assign(ctx, { meta: { user: { id: 'u' } }, requestID: 'r' });
    expect(await mesh.fetch({ ctx })).toEqual({ data: { user: 'u', requestID: 'r', level: 2 } });
    expect(ctx.meta).toEqual({ user: { id: 'u' } });
  });

  test.each([
    [new Errors.RequestTimeoutError({ action: 'a', nodeID: 'n' }), 'SUBGRAPH_TIMEOUT'],
    [new Errors.RequestSkippedError({ action: 'a', nodeID: 'n' }), 'SUBGRAPH_TIMEOUT'],
    [new Errors.RequestRejectedError({ action: 'a', nodeID: 'n' }), 'SUBGRAPH_UNAVAILABLE'],
    [new Errors.QueueIsFullError({ action: 'a', nodeID: 'n', size: 1, limit: 1 }), 'SUBGRAPH_UNAVAILABLE'],
    [new Errors.MoleculerError('too big', 413, 'PAYLOAD_TOO_LARGE'), 'RESPONSE_TOO_LARGE'],
    [new Errors.ValidationError('bad', 'VALIDATION_ERROR', []), 'SUBGRAPH_INVALID_RESPONSE'],
    [new Error('bug'), 'SUBGRAPH_UNAVAILABLE'],
  ])('maps %s to %s', async (error, code) => {
    await using mesh = await start(() => Promise.reject(error));
    expect(await codeOf(mesh.fetch())).toBe(code);
  });

  test.each([undefined, null, 'text', [], {}, { data: 7 }])(
    'refuses an answer that is no response map: %j',
    async (answer) => {
      await using mesh = await start(() => answer);
      expect(await codeOf(mesh.fetch())).toBe('SUBGRAPH_INVALID_RESPONSE');
    },
  );
});
