import { expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { Errors } from 'moleculer';
import { serve } from './fixtures/serve.ts';
import { Subgraph } from './subgraph.ts';

const schema = 'type Query { a: String b: Int! c: String }\ntype Subscription { a: String }';

async function askThrowing(thrown: unknown, query = '{ a }', requestID = 'r-1') {
  const resolvers = {
    Query: {
      a: () => {
        throw thrown;
      },
    },
  };
  await using served = await serve({ name: 'shop', mixins: [Subgraph({ schema, resolvers })] });
  const response = await served.query('shop', query, {}, { requestID });
  return { response, log: served.log };
}

const { MoleculerClientError, MoleculerError, MoleculerServerError } = Errors;

test.each<[string, unknown, string, object]>([
  [
    'a GraphQLError with a code',
    new GraphQLError('Sold out', { extensions: { code: 'OUT_OF_STOCK', left: 2 } }),
    'Sold out',
    { code: 'OUT_OF_STOCK', left: 2 },
  ],
  [
    'a client error',
    new MoleculerClientError('No such order', 404, 'ORDER_NOT_FOUND', { sql: 1 }),
    'No such order',
    { code: 'ORDER_NOT_FOUND' },
  ],
  ['a client error of another node', new MoleculerError('No', 409, 'CONFLICT'), 'No', { code: 'CONFLICT' }],
  ['a client error without a type', new MoleculerClientError('No'), 'No', { code: 'BAD_USER_INPUT' }],
])('%s reaches the client and not the log', async (_what, thrown, message, extensions) => {
  const { response, log } = await askThrowing(thrown);
  expect(response).toEqual({
    data: { a: null },
    errors: [{ message, extensions, path: ['a'], locations: [{ line: 1, column: 3 }] }],
  });
  expect(log).toEqual([]);
});

test.each<[string, unknown]>([
  ['an Error', new Error('password is hunter2')],
  ['a GraphQLError without a code', new GraphQLError('password is hunter2')],
  ['a server error', new MoleculerServerError('password is hunter2', 500, 'DB')],
  [
    'an Error that carries extensions',
    Object.assign(new Error('hunter2'), { extensions: { code: 'X', secret: 1 } }),
  ],
  ['no Error at all', 'hunter2'],
])('%s is masked, and logged with the request id and its path', async (_what, thrown) => {
  const { response, log } = await askThrowing(thrown);
  expect(response.errors).toMatchObject([
    { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' }, path: ['a'] },
  ]);
  expect(response.errors![0]!.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
  expect(JSON.stringify(response)).not.toMatch(/hunter2|\.ts/);
  expect(log).toMatchObject([
    { level: 'error', args: [expect.stringMatching(/a .*r-1/), expect.any(Error)] },
  ]);
  expect(String(log[0]!.args[1])).toContain('hunter2');
});

test.each<[unknown, string]>([
  [new Errors.ServiceNotFoundError({ action: 'stock.get' }), 'SUBGRAPH_UNAVAILABLE'],
  [new Errors.ServiceNotAvailableError({ action: 'stock.get' }), 'SUBGRAPH_UNAVAILABLE'],
  [new Errors.QueueIsFullError({ action: 'stock.get' }), 'SUBGRAPH_UNAVAILABLE'],
  [new MoleculerError('Disconnected', 502, 'BAD_GATEWAY'), 'SUBGRAPH_UNAVAILABLE'],
  [new Errors.RequestRejectedError({ action: 'stock.get' }), 'SUBGRAPH_UNAVAILABLE'],
  [new Errors.RequestTimeoutError({ action: 'stock.get' }), 'SUBGRAPH_TIMEOUT'],
  [new Errors.RequestSkippedError({ action: 'stock.get' }), 'SUBGRAPH_TIMEOUT'],
])('an inner call that nobody answered (%s) is %s, without saying which', async (thrown, code) => {
  const { response, log } = await askThrowing(thrown);
  expect(response.errors).toMatchObject([{ extensions: { code } }]);
  expect(JSON.stringify(response)).not.toContain('stock');
  expect(log).toMatchObject([{ level: 'warn' }]);
});

test.each([
  ['that says what it is', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  ['that does not', '', 'SUBGRAPH_UNAVAILABLE'],
])('a passing inability %s keeps its message, and is logged as a warning', async (_what, type, code) => {
  const thrown = new Errors.MoleculerRetryableError('Try again later', 503, type);
  const { response, log } = await askThrowing(thrown);
  expect(response.errors).toMatchObject([{ message: 'Try again later', extensions: { code } }]);
  expect(log).toMatchObject([{ level: 'warn' }]);
});

test('a failed validation lists its fields without the values', async () => {
  const resolvers = {
    Query: {
      a: (_p: unknown, _a: unknown, { ctx }: { ctx: import('moleculer').Context }) =>
        ctx.call('users.add', { password: 'x' }),
    },
  };
  await using served = await serve(
    {
      name: 'users',
      actions: { add: { params: { password: 'string|min:8', name: 'string' }, handler: () => 'ok' } },
    },
    { name: 'shop', mixins: [Subgraph({ schema, resolvers })] },
  );
  const { errors } = await served.query('shop', '{ a }');
  expect(errors).toMatchObject([{ message: expect.stringContaining("'password'") }]);
  expect(errors![0]!.extensions).toEqual({
    code: 'BAD_USER_INPUT',
    fields: [
      { field: 'password', type: 'stringMin', message: expect.any(String) },
      { field: 'name', type: 'required', message: expect.any(String) },
    ],
  });
});

test('a null where the schema promises a value is our fault: masked, and told in the log', async () => {
  const { response, log } = await askThrowing(undefined, '{ b }');
  expect(response).toMatchObject({ data: null, errors: [{ message: 'Internal server error', path: ['b'] }] });
  expect(String(log[0]!.args[1])).toContain('Cannot return null for non-nullable field Query.b.');
});

test.each<[string, string, string, object | undefined]>([
  ['a syntax error', '{ a', 'GRAPHQL_PARSE_FAILED', undefined],
  ['an endless document', `{ ${'c '.repeat(20_001)}}`, 'GRAPHQL_PARSE_FAILED', undefined],
  ['an unknown field', '{ nope }', 'GRAPHQL_VALIDATION_FAILED', undefined],
  [
    'one of two operations, not named',
    'query A { a } query B { c }',
    'OPERATION_RESOLUTION_FAILURE',
    undefined,
  ],
  ['a wrong variable', 'query ($x: Boolean!) { a @include(if: $x) }', 'BAD_USER_INPUT', { x: 'no' }],
  ['a subscription', 'subscription { a }', 'OPERATION_NOT_SUPPORTED', undefined],
])('%s is refused before anything runs', async (_what, query, code, variables) => {
  const resolvers = { Subscription: { a: { subscribe: () => [] } } };
  await using served = await serve({ name: 'shop', mixins: [Subgraph({ schema, resolvers })] });
  const response = await served.query('shop', query, variables);
  expect('data' in response).toBe(false);
  expect(response.errors!.map((error) => error.extensions!.code)).toEqual([code]);
});
