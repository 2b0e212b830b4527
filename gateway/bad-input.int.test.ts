/** What bad input gets: a 4xx with a code, in one shape, never a stack. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ env: { BODY_LIMIT: '2048' } });
});
afterAll(() => gateway.stop());

const json = { 'content-type': 'application/json' };
const gql = { ...json, accept: 'application/graphql-response+json' };
const post = (
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = json,
): RequestInit => ({
  method: 'POST',
  body,
  headers,
});
const request = (value: unknown, headers?: Record<string, string>) => post(JSON.stringify(value), headers);

/** Sends and checks what every refusal has in common. */
async function refusal(path: string, init: RequestInit = {}) {
  const response = await fetch(`${gateway.url}${path}`, { redirect: 'manual', ...init });
  const body = await response.text();
  expect(body).not.toMatch(/\n\s+at |\\n\s+at |node_modules/);
  expect(response.headers.get('content-type')).toMatch(
    /^application\/(graphql-response\+)?json; charset=utf-8$/,
  );
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const { errors, data } = JSON.parse(body) as {
    data?: unknown;
    errors: Array<{ message: string; extensions: { code: string } }>;
  };
  expect(data).toBeUndefined();
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toBeTruthy();
  return { status: response.status, code: errors[0]?.extensions.code, headers: response.headers };
}

describe('a POST to /graphql', () => {
  test.each<[string, RequestInit, number, string]>([
    ['whose body is not JSON', post('{ "query": '), 400, 'BAD_REQUEST'],
    ['without a body', post(''), 400, 'BAD_REQUEST'],
    ['whose body is a JSON string', post('"hello"'), 400, 'BAD_REQUEST'],
    ['whose body is null', post('null'), 400, 'BAD_REQUEST'],
    ['that is a batch', request([{ query: '{ hello }' }]), 400, 'BAD_REQUEST'],
    ['without a query', request({ variables: {} }), 400, 'BAD_REQUEST'],
    ['with variables that are a list', request({ query: '{ hello }', variables: [] }), 400, 'BAD_REQUEST'],
    ['that is not UTF-8', post(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])), 400, 'BAD_REQUEST'],
    ['of a form', post(new URLSearchParams({ query: '{ hello }' }), {}), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'of plain text',
      post('{"query":"{ hello }"}', { 'content-type': 'text/plain' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'in UTF-16',
      post('{}', { 'content-type': 'application/json; charset=utf-16' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['that is compressed', post('x', { ...json, 'content-encoding': 'gzip' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['over the limit', request({ query: `{ hello } #${'x'.repeat(3_000)}` }), 413, 'PAYLOAD_TOO_LARGE'],
    [
      'that takes XML only',
      request({ query: '{ hello }' }, { ...json, accept: 'text/xml' }),
      406,
      'NOT_ACCEPTABLE',
    ],
    ['that is not GraphQL', request({ query: '{' }, gql), 400, 'GRAPHQL_PARSE_FAILED'],
    ['with an unknown field', request({ query: '{ nope }' }, gql), 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'naming no operation of its own',
      request({ query: 'query A { hello }', operationName: 'B' }, gql),
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'with wrong variables',
      request({ query: 'query($a: Int!) { hello }', variables: { a: 'x' } }, gql),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s is refused', async (_, init, status, code) => {
    expect(await refusal('/graphql', init)).toMatchObject({ status, code });
  });

  test('over the limit is refused while it streams, without a Content-Length', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(1_024));
        if (sent > 10_000) controller.close();
      },
    });
    const init = { ...post(endless), duplex: 'half' } as RequestInit;

    expect(await refusal('/graphql', init)).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    expect(sent).toBeLessThan(10_000);
  });

  test('that names application/json gets 200 for its own mistakes, one that names nothing the true status', async () => {
    const mistake = { query: '{ nope }' };

    expect(
      await refusal('/graphql', request(mistake, { ...json, accept: 'application/json' })),
    ).toMatchObject({ status: 200 });
    expect(await refusal('/graphql', request(mistake))).toMatchObject({ status: 400 });
  });
});

describe('a GET of /graphql', () => {
  const url = (params: Record<string, string>) => `/graphql?${new URLSearchParams(params)}`;

  test.each<[string, string, number, string]>([
    ['without a query', '/graphql', 400, 'BAD_REQUEST'],
    ['with two queries', '/graphql?query={hello}&query={hello}', 400, 'BAD_REQUEST'],
    ['with variables that are not JSON', url({ query: '{ hello }', variables: '{' }), 400, 'BAD_REQUEST'],
    ['with a mutation', url({ query: 'mutation { bump }' }), 405, 'METHOD_NOT_ALLOWED'],
    [
      'with a mutation picked by name',
      url({ query: 'query A { hello } mutation B { bump }', operationName: 'B' }),
      405,
      'METHOD_NOT_ALLOWED',
    ],
  ])('%s is refused', async (_, path, status, code) => {
    expect(await refusal(path)).toMatchObject({ status, code });
  });

  test('sent by a page of another site is refused', async () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'image',
    };

    expect(await refusal(url({ query: '{ hello }' }), { headers })).toMatchObject({
      status: 403,
      code: 'CROSS_SITE_REQUEST_REFUSED',
    });
  });
});

describe('any other request', () => {
  test.each([
    '/nope',
    '/graphql/nope',
    '/graphqlx',
    '/assets/../package.json',
    '/assets/graphiql/../../config.ts',
    '/%E0%A4%A',
    '/gateway/query',
    '/~node/list',
    '/$node/list',
    '/accounts/jwks',
  ])('to %s finds nothing', async (path) => {
    const { status, code } = await refusal(path, request({ query: '{ hello }' }));

    expect([status, code]).toEqual([404, 'NOT_FOUND']);
  });

  test.each([
    ['PUT', '/graphql', 'GET, POST, OPTIONS'],
    ['DELETE', '/graphql', 'GET, POST, OPTIONS'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/supergraph', 'GET, HEAD'],
  ])('%s %s is refused with what is allowed', async (method, path, allow) => {
    const { status, code, headers } = await refusal(path, { method });

    expect([status, code, headers.get('allow')]).toEqual([405, 'METHOD_NOT_ALLOWED', allow]);
  });

  test.each([
    ['not HTTP', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'over the header limit',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('that is %s is answered in JSON and the connection closed', async (_, bytes, status, code) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(bytes);
    const answer = await text(socket);

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
  });
});
