import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import type { Service } from 'moleculer';
import { readAnnouncement } from '../protocol.ts';
import { serve } from './fixtures/serve.ts';
import type { HttpOptions } from './http-endpoint.ts';
import type { ResolverContext } from './resolver-context.ts';
import { Subgraph } from './subgraph.ts';

const schema = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { product: Product, who: String, slow: String }
  type Product @key(fields: "id") { id: ID! name: String }
`;

async function start(http: true | HttpOptions = true, slow: () => unknown = () => null) {
  const served = await serve({
    name: 'products',
    mixins: [
      Subgraph({
        schema,
        http,
        resolvers: {
          Query: {
            product: () => ({ id: '1', name: 'Chair' }),
            who: (_parent, _args, { ctx }: ResolverContext) => JSON.stringify([ctx.meta, ctx.requestID]),
            slow,
          },
        },
        references: { Product: (references) => references.map(({ id }) => ({ id, name: `product ${id}` })) },
      }),
    ],
  });
  const service: Service = served.broker.services.find(({ name }) => name === 'products')!;
  const { port, path } = readAnnouncement(service.metadata)!.http!;
  const url = `http://127.0.0.1:${port}${path}`;
  return {
    ...served,
    url,
    port,
    post: (body: unknown, headers: Record<string, string> = {}) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

test('the port and path are announced, and queries, _service and _entities are answered there', async () => {
  await using served = await start({ path: '/federation' });
  expect(served.url).toMatch(/\/federation$/);
  const [registered] = served.broker.registry.getServiceList({ skipInternal: true });
  expect(readAnnouncement(registered!.metadata)!.http).toEqual({ port: served.port, path: '/federation' });
  const query = `query ($r: [_Any!]!) {
    product { name } _service { sdl } _entities(representations: $r) { ... on Product { name } }
  }`;
  const response = await served.post({ query, variables: { r: [{ __typename: 'Product', id: '7' }] } });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    data: { product: { name: 'Chair' }, _service: { sdl: schema }, _entities: [{ name: 'product 7' }] },
  });
});

const graphqlResponse = { accept: 'application/graphql-response+json' };

test.each<[string, unknown, Record<string, string>, number, string | undefined]>([
  ['a body that is no JSON', '{', {}, 400, undefined],
  ['a body without a query', {}, {}, 400, undefined],
  ['an unparsable document', { query: '{' }, graphqlResponse, 400, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', { query: '{ nope }' }, graphqlResponse, 400, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'an unknown field, to an application/json client',
    { query: '{ nope }' },
    {},
    200,
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['another content type', '{ product }', { 'content-type': 'text/plain' }, 415, undefined],
  ['an accept header we cannot serve', { query: '{ who }' }, { accept: 'text/html' }, 406, undefined],
])('%s gets its GraphQL-over-HTTP status', async (_what, body, headers, status, code) => {
  await using served = await start();
  const response = await served.post(body, headers);
  expect(response.status).toBe(status);
  if (code) expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  else await response.text();
});

test('every audit of the specification that is not about GET is passed', async () => {
  await using served = await start();
  const results = await Promise.all(
    serverAudits({ url: served.url, fetchFn: fetch }).map((audit) => audit.fn()),
  );
  const faults = results.filter(({ status }) => status !== 'ok').map(({ name }) => name);
  expect(faults.filter((name) => !/^MAY .* GETs? /.test(name))).toEqual([]);
  expect(results.length - faults.length).toBe(58);
});

test('other paths, methods and oversize bodies are refused', async () => {
  await using served = await start();
  const statuses = await Promise.all([
    fetch(`${served.url}/x`, { method: 'POST' }),
    fetch(`${served.url}?query={who}`),
    served.post(JSON.stringify({ query: `{ who } #${' '.repeat(4 * 1024 * 1024)}` })),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([404, 405, 413]);
  expect(statuses[1]!.headers.get('allow')).toBe('POST');
});

test('a trace is carried on; identity is not taken from headers', async () => {
  await using served = await start();
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${trace}-b7ad6b7169203331-01`;
  const who = async (headers: Record<string, string>) => {
    const response = await served.post({ query: '{ who }' }, headers);
    const { data } = (await response.json()) as { data: { who: string } };
    return JSON.parse(data.who) as [object, string];
  };
  expect(await who({ traceparent, authorization: 'Bearer x', 'x-user': 'u1' })).toEqual([
    { traceparent },
    trace,
  ]);
  const [meta, requestID] = await who({ traceparent: 'nonsense' });
  expect(meta).toEqual({});
  expect(requestID).not.toBe('nonsense');
});

test('stopping lets a request in flight finish and leaves no connection open', async () => {
  let release!: (value: string) => void;
  let reached!: () => void;
  const inResolver = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const served = await start(true, () => {
    reached();
    return new Promise<string>((resolve) => {
      release = resolve;
    });
  });
  const agent = new Agent({ keepAlive: true });
  const sent = request(served.url, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify({ query: '{ slow }' }));
  const idle = connect(served.port, '127.0.0.1');
  await Promise.all([inResolver, once(idle, 'connect')]);
  const idleClosed = once(idle, 'close');

  const stopped = served.broker.stop();
  while (await accepts(served.port));
  release('done');
  const [response] = await once(sent, 'response');
  expect(response.headers.connection).toBe('close');
  let body = '';
  for await (const chunk of response) body += chunk;
  expect(JSON.parse(body)).toEqual({ data: { slow: 'done' } });
  await Promise.all([stopped, idleClosed]);
  agent.destroy();
});

test('a port in use fails the start, naming the service and the address', async () => {
  await using served = await start();
  await expect(start({ port: served.port })).rejects.toThrow(
    `Service 'products' cannot serve its subgraph on 127.0.0.1:${served.port}: listen EADDRINUSE`,
  );
});

/** Does anything listen there? */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
