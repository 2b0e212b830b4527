import { expect, test } from '@jest/globals';
import { type Context, ServiceBroker } from 'moleculer';
import {
  executeAction,
  readAnnouncement,
  type SubgraphResponse,
  schemaHash,
  sdlAction,
} from '../protocol.ts';
import type { SubgraphMeta } from './resolver-context.ts';
import { Subgraph } from './subgraph.ts';

const products = [{ id: 'p1', name: 'Chair' }];

async function startBroker(...services: Parameters<ServiceBroker['createService']>[0][]) {
  const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
  for (const service of services) broker.createService(service);
  await broker.start();
  return Object.assign(broker, { [Symbol.asyncDispose]: () => broker.stop() });
}

/** Calls the subgraph of a local service as a gateway would, by its announcement. */
function query(broker: ServiceBroker, fullName: string, text: string, opts: { meta?: object } = {}) {
  const service = broker.services.find((found) => found.fullName === fullName)!;
  const { hash } = readAnnouncement(service.metadata)!;
  return broker.call<SubgraphResponse, object>(executeAction(fullName, hash), { query: text }, opts);
}

test('a schema file beside the service makes a subgraph that announces itself and executes', async () => {
  await using broker = await startBroker({
    name: 'products',
    mixins: [
      Subgraph({ schema: './fixtures/products.graphql', resolvers: { Query: { products: () => products } } }),
    ],
  });
  const announced = readAnnouncement(broker.services.find(({ name }) => name === 'products')!.metadata);
  expect(announced).toMatchObject({ protocol: 1, name: 'products' });
  const { sdl } = await broker.call<{ sdl: string }>(sdlAction('products', announced!.hash));
  expect(schemaHash(sdl)).toBe(announced!.hash);
  expect(sdl).toMatch(/^extend schema @link/);
  expect(await query(broker, 'products', '{ products { id name } }')).toEqual({ data: { products } });
});

test('the schema may be a URL or the SDL itself', async () => {
  const resolvers = { Query: { a: () => 1 } };
  await using broker = await startBroker(
    { name: 'inline', mixins: [Subgraph({ schema: 'type Query { a: Int }', resolvers })] },
    {
      name: 'url',
      mixins: [Subgraph({ schema: new URL('./fixtures/products.graphql', import.meta.url) })],
    },
  );
  expect(await query(broker, 'inline', '{ a }')).toEqual({ data: { a: 1 } });
  expect(await query(broker, 'url', '{ _service { sdl } }')).toMatchObject({
    data: { _service: { sdl: expect.any(String) } },
  });
});

test.each([
  ['v2.orders', { version: 2 }],
  ['orders', { version: 2, settings: { $noVersionPrefix: true } }],
  ['v2.orders', { version: 2, settings: { $noServiceNamePrefix: true } }],
  ['orders', { version: 2, settings: { $noServiceNamePrefix: true, $noVersionPrefix: true } }],
  ['beta.orders', { version: 'beta', settings: { $noServiceNamePrefix: true } }],
])('actions are found under the full name %s of %j', async (fullName, more) => {
  await using broker = await startBroker({
    name: 'orders',
    ...more,
    mixins: [Subgraph({ schema: 'type Query { a: Int }', resolvers: { Query: { a: () => 1 } } })],
  });
  expect(await query(broker, fullName, '{ a }')).toEqual({ data: { a: 1 } });
  const { hash } = readAnnouncement(broker.services.at(-1)!.metadata)!;
  expect(await broker.call(sdlAction(fullName, hash))).toEqual({ sdl: 'type Query { a: Int }' });
});

test('one mixin object may be shared by services, each a subgraph of its own', async () => {
  const mixin = Subgraph({
    schema: 'type Query { me: String }',
    resolvers: { Query: { me: (_p, _a, { service }) => service.name } },
  });
  await using broker = await startBroker({ name: 'one', mixins: [mixin] }, { name: 'two', mixins: [mixin] });
  expect(await query(broker, 'one', '{ me }')).toEqual({ data: { me: 'one' } });
  expect(await query(broker, 'two', '{ me }')).toEqual({ data: { me: 'two' } });
});

test('resolvers see the caller, and what they call sees the same identity, trace and request', async () => {
  const seen: Context[] = [];
  await using broker = await startBroker(
    {
      name: 'inner',
      actions: {
        get: (ctx: Context) => {
          seen.push(ctx);
          return 'got';
        },
      },
    },
    {
      name: 'outer',
      mixins: [
        Subgraph({
          schema: 'type Query { got: String }',
          resolvers: {
            Query: {
              got: (_parent, _args, { ctx }) => {
                seen.push(ctx);
                return ctx.call('inner.get');
              },
            },
          },
        }),
      ],
    },
    {
      name: 'gateway',
      actions: {
        ask: (ctx: Context) =>
          ctx.call(executeAction('outer', schemaHash('type Query { got: String }')), { query: '{ got }' }),
      },
    },
  );
  const meta: SubgraphMeta = { user: { id: 'u1', roles: ['admin'] }, traceparent: '00-aa-bb-01' };
  await broker.call('gateway.ask', {}, { meta: { ...meta }, requestID: 'r1' });
  const [resolver, inner] = seen;
  expect(resolver).toMatchObject({ caller: 'gateway', requestID: 'r1', meta });
  expect(inner).toMatchObject({ caller: 'outer', requestID: 'r1', meta, level: 3 });
});

test('params that are no GraphQL request are refused by name', async () => {
  await using broker = await startBroker({
    name: 'a',
    mixins: [Subgraph({ schema: 'type Query { a: Int }' })],
  });
  const action = executeAction('a', schemaHash('type Query { a: Int }'));
  for (const params of [
    {},
    { query: 1 },
    { query: '{ a }', variables: 'x' },
    { query: '{ a }', operationName: 1 },
  ]) {
    await expect(broker.call(action, params)).rejects.toMatchObject({ type: 'VALIDATION_ERROR', code: 422 });
  }
  const nulls = { query: '{ a }', operationName: null, variables: null };
  expect(await broker.call(action, nulls)).toEqual({ data: { a: null } });
});

test('a service-wide cache never serves one user the answer of another', async () => {
  const broker = new ServiceBroker({ logger: false, cacher: 'Memory', skipProcessEventRegistration: true });
  broker.createService({
    name: 'a',
    settings: { $cache: true },
    mixins: [
      Subgraph({
        schema: 'type Query { me: ID }',
        resolvers: { Query: { me: (_p, _a, { ctx }) => ctx.meta.user?.id } },
      }),
    ],
  });
  await broker.start();
  const me = (id: string) => query(broker, 'a', '{ me }', { meta: { user: { id, roles: [] } } });
  expect(await me('u1')).toEqual({ data: { me: 'u1' } });
  expect(await me('u2')).toEqual({ data: { me: 'u2' } });
  await broker.stop();
});
