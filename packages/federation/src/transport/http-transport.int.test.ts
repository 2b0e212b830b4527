import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { HttpTransport } from './http-transport.ts';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import type { FetchContext } from './transport.ts';

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const transport = new HttpTransport({ timeout: 60_000, maxResponseBytes: 1_000 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql?x=1`;
  const subgraph = { name: 's', hash: '', sdl: '', route: { kind: 'http', url } } as const;
  return {
    connections: () => connections,
    fetch: (context: FetchContext = {}, operation: 'query' | 'mutation' = 'query') =>
      transport.fetch(subgraph, { query: '{ a }', variables: { v: 1 } }, operation, context),
    async [Symbol.asyncDispose]() {
      await transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answer =
  (status: number, body: string): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(body));
  };

const codeOf = async (fetch: Promise<unknown>): Promise<string> => {
  const error = await fetch.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof SubgraphFetchError ? error.code : `no SubgraphFetchError: ${String(error)}`;
};

describe('the HTTP transport', () => {
  test('posts the request with the headers of the context, over kept-alive connections', async () => {
    const seen: Array<{ headers: IncomingHttpHeaders; url: string | undefined; body: string }> = [];
    await using server = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ headers: request.headers, url: request.url, body });
      response.end('{"data":{"a":1}}');
    });
    for (let round = 0; round < 10; round++) {
      expect([
        round,
        await server.fetch({ headers: { authorization: 'Bearer t', traceparent: '00-1-2-01' } }),
      ]).toEqual([round, { data: { a: 1 } }]);
    }
    expect(seen[0]).toMatchObject({ url: '/graphql?x=1', body: '{"query":"{ a }","variables":{"v":1}}' });
    expect(seen[0]!.headers).toMatchObject({
      authorization: 'Bearer t',
      traceparent: '00-1-2-01',
      'content-type': 'application/json',
    });
    expect(server.connections()).toBeLessThan(10);
  });

  test('takes a GraphQL answer of any status for what it is', async () => {
    await using server = await serve(answer(400, '{"errors":[{"message":"no"}]}'));
    expect(await server.fetch()).toEqual({ errors: [{ message: 'no' }] });
  });

  test.each([
    ['no JSON', 200, '<html>', 'SUBGRAPH_INVALID_RESPONSE'],
    ['an error page', 500, 'Oops', 'SUBGRAPH_INVALID_RESPONSE'],
    ['JSON that is no response map', 200, '[1]', 'SUBGRAPH_INVALID_RESPONSE'],
    ['neither data nor errors', 200, '{}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['data that is a list', 200, '{"data":[]}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['errors that are no list', 200, '{"errors":"x"}', 'SUBGRAPH_INVALID_RESPONSE'],
    ['an answer of a proxy', 503, '', 'SUBGRAPH_UNAVAILABLE'],
    ['too many bytes', 200, JSON.stringify({ data: { a: 'x'.repeat(2_000) } }), 'RESPONSE_TOO_LARGE'],
  ])('refuses %s', async (_, status, body, code) => {
    await using server = await serve(answer(status, body));
    expect(await codeOf(server.fetch())).toBe(code);
  });

  test('gives up at the deadline, when the client is gone, and when nobody listens', async () => {
    await using silent = await serve(() => {});
    expect(await codeOf(silent.fetch({ deadline: performance.now() + 50 }))).toBe('SUBGRAPH_TIMEOUT');
    expect(await codeOf(silent.fetch({ deadline: performance.now() - 1 }))).toBe('REQUEST_TIMEOUT');
    const client = new AbortController();
    const fetch = codeOf(silent.fetch({ signal: client.signal }));
    client.abort();
    expect(await fetch).toBe('REQUEST_TIMEOUT');
    const transport = new HttpTransport({ timeout: 60_000 });
    const nobody = {
      name: 's',
      hash: '',
      sdl: '',
      route: { kind: 'http', url: 'http://127.0.0.1:9/' },
    } as const;
    expect(await codeOf(transport.fetch(nobody, { query: '{ a }' }, 'query', {}))).toBe(
      'SUBGRAPH_UNAVAILABLE',
    );
    await transport.close();
  });

  test.each([
    ['query', 2],
    ['mutation', 1],
  ] as const)('sends a %s whose connection breaks %d time(s)', async (operation, times) => {
    let requests = 0;
    await using server = await serve((request) => {
      requests++;
      request.socket.destroy();
    });
    expect(await codeOf(server.fetch({}, operation))).toBe('SUBGRAPH_UNAVAILABLE');
    expect(requests).toBe(times);
  });
});
