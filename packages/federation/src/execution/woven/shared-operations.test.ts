import { expect, test } from '@jest/globals';
import { composeLocally } from '../../../test/support/federate.ts';
import { createFederationGateway } from '../../create-gateway.ts';
import type { FetchContext, SubgraphTransport } from '../../transport/transport.ts';

/** A gateway over one subgraph that answers when told to, with what its variables say. */
async function start() {
  const waiting: Array<{ readonly body: string; answer(text: string): void }> = [];
  const wakers: Array<() => void> = [];
  const transport: SubgraphTransport = {
    kind: 'http',
    fetch: () => Promise.reject(new Error('queries go as text')),
    fetchText: (_subgraph, body) =>
      new Promise((answer) => {
        waiting.push({ body, answer });
        for (const wake of wakers.splice(0)) wake();
      }),
    close: async () => {},
  };
  const sdl = 'type Query { item(id: ID): Item } type Item { id: ID name: String! }';
  const gateway = createFederationGateway({
    transports: [transport],
    snapshot: { load: async () => composeLocally({ catalog: { sdl } }), save: async () => {} },
  });
  await gateway.start();
  const ask = (id: string, context: FetchContext = {}) =>
    gateway.executeToText(
      { query: 'query($id: ID) { item(id: $id) { id name } }', variables: { id } },
      context,
    );
  return {
    waiting,
    ask,
    /** Resolves once as many fetches were sent. */
    async fetches(count: number) {
      while (waiting.length < count) await new Promise<void>((wake) => wakers.push(wake));
    },
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}

const item = (id: string, name: unknown): string => JSON.stringify({ data: { item: { id, name } } });

test('equal operations under way get one answer, others their own', async () => {
  await using gateway = await start();
  const answers = [
    gateway.ask('1'),
    gateway.ask('1'),
    gateway.ask('2'),
    gateway.ask('1', { headers: { authorization: 'b' } }),
  ];
  await gateway.fetches(3);
  gateway.waiting[0]!.answer(item('1', 'one'));
  gateway.waiting[1]!.answer(item('2', 'two'));
  gateway.waiting[2]!.answer(item('1', 'for b'));
  expect((await Promise.all(answers)).map(({ data }) => JSON.parse(String(data)).item.name)).toEqual([
    'one',
    'one',
    'two',
    'for b',
  ]);
  expect(gateway.waiting).toHaveLength(3);
});

test('who joined gets the answer when the client that began is gone', async () => {
  await using gateway = await start();
  const client = new AbortController();
  const first = gateway.ask('1', { signal: client.signal });
  const second = gateway.ask('1');
  await gateway.fetches(1);
  client.abort();
  expect((await first).errors?.[0]?.extensions.code).toBe('REQUEST_TIMEOUT');
  gateway.waiting[0]!.answer(item('1', 'one'));
  expect(await second).toEqual({ data: '{"item":{"id":"1","name":"one"}}' });
  expect(gateway.waiting).toHaveLength(1);
});

test('what cannot be woven is an error for each of them', async () => {
  await using gateway = await start();
  const answers = [gateway.ask('1'), gateway.ask('1')];
  await gateway.fetches(1);
  gateway.waiting[0]!.answer(item('1', null));
  // Who joined asks for itself.
  await gateway.fetches(2);
  gateway.waiting[1]!.answer(item('1', null));
  for (const { data, errors } of await Promise.all(answers)) {
    expect(data).toBe('{"item":null}');
    expect(errors?.map(({ path }) => path)).toEqual([['item', 'name']]);
  }
});
