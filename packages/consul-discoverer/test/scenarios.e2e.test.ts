/** What Moleculer's users expect of any discoverer: calls, events, balancing and dependencies between nodes on NATS. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Moleculer, { type Context, type ServiceSchema } from 'moleculer';
import { type ConsulAgent, startConsulAgent } from '../../../scripts/infra/consul.ts';
import { type NatsServer, startNatsServer } from '../../../scripts/infra/nats.ts';
import { createNode, startNode, type TestNode, until } from './mesh.ts';

let agent: ConsulAgent;
let nats: NatsServer;
beforeAll(async () => {
  [agent, nats] = await Promise.all([startConsulAgent(), startNatsServer()]);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

const on = (nodeID: string, services: ServiceSchema[] = [], broker: Moleculer.BrokerOptions = {}) => ({
  nodeID,
  consul: { address: agent.address },
  transporter: nats.url,
  services,
  broker: { requestTimeout: 60_000, ...broker },
});

/** Counts the events each node receives, by group. */
const listener = (nodeID: string, group: string, got: string[]): ServiceSchema => ({
  name: `${group}-listener`,
  events: { 'order.placed': { group, handler: () => void got.push(`${group}@${nodeID}`) } },
});

async function startAll(nodes: readonly TestNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.broker.start()));
  await until('all know all', () => nodes.every((node) => node.peers().length === nodes.length - 1));
}
const stopAll = (nodes: readonly TestNode[]) => Promise.all(nodes.map((node) => node.broker.stop()));

describe('basic', () => {
  test('params, meta, errors and nested calls cross nodes', async () => {
    const users: ServiceSchema = {
      name: 'users',
      actions: {
        get: (ctx: Context<{ id: number }, { by: string }>) => ({ id: ctx.params.id, by: ctx.meta.by }),
        fail: () => {
          throw new Moleculer.Errors.MoleculerClientError('No such user', 404, 'NO_USER', { id: 7 });
        },
      },
    };
    const posts: ServiceSchema = {
      name: 'posts',
      actions: { author: (ctx: Context) => ctx.call('users.get', { id: 5 }) },
    };
    await using a = await startNode(on('basic-a', [users]));
    await using b = await startNode(on('basic-b', [posts]));
    await using c = await startNode(on('basic-c'));
    await c.broker.waitForServices(['users', 'posts'], 60_000);
    await b.broker.waitForServices('users', 60_000);
    await expect(c.broker.call('posts.author', {}, { meta: { by: 'me' } })).resolves.toEqual({
      id: 5,
      by: 'me',
    });
    await expect(c.broker.call('users.fail')).rejects.toMatchObject({
      name: 'MoleculerClientError',
      code: 404,
      type: 'NO_USER',
      data: { id: 7 },
      nodeID: a.broker.nodeID,
    });
  });

  test('a service destroyed on its node is not found on any other', async () => {
    await using a = await startNode(on('destroy-a', [{ name: 'temp', actions: { a: () => 1 } }]));
    await using b = await startNode(on('destroy-b'));
    await b.broker.waitForServices('temp', 60_000);
    await a.broker.destroyService('temp');
    await until('b has lost it', () => !b.broker.registry.hasService('temp', 'destroy-a'));
    await expect(b.broker.call('temp.a')).rejects.toThrow(/not (available|found)/);
  });
});

describe.each([
  ["Moleculer's balancer", false],
  ["the transporter's", true],
])('balancing by %s', (_, disableBalancer) => {
  test('calls are spread over all replicas, and over those left when one stops', async () => {
    const worker = (nodeID: string): ServiceSchema => ({ name: 'worker', actions: { who: () => nodeID } });
    const ids = ['w1', 'w2', 'w3'];
    const workers = ids.map((id) => createNode(on(id, [worker(id)], { disableBalancer })));
    const caller = createNode(on('caller', [], { disableBalancer }));
    try {
      await startAll([...workers, caller]);
      await until('all workers are known', () =>
        ids.every((id) => caller.broker.registry.hasService('worker', id)),
      );
      const ask = async (times: number) => {
        const answers = new Set<string>();
        for (let i = 0; i < times; i++) answers.add(await caller.broker.call('worker.who'));
        return [...answers].sort();
      };
      await expect(ask(60)).resolves.toEqual(ids);
      await workers[1]?.broker.stop();
      await expect(ask(60)).resolves.toEqual(['w1', 'w3']);
    } finally {
      await stopAll([...workers, caller]);
    }
  });

  test('an emitted event reaches one member of each group, a broadcast everybody', async () => {
    const got: string[] = [];
    const members = ['e1', 'e2'].map((id) =>
      createNode(on(id, [listener(id, 'mail', got), listener(id, 'stock', got)], { disableBalancer })),
    );
    const source = createNode(on('source', [], { disableBalancer }));
    try {
      await startAll([...members, source]);
      await source.broker.waitForServices(['mail-listener', 'stock-listener'], 60_000);
      await until('both members are known', () =>
        ['e1', 'e2'].every((id) => source.broker.registry.hasService('stock-listener', id)),
      );
      for (let i = 0; i < 10; i++) await source.broker.emit('order.placed', {});
      await until('all have come', () => got.length >= 20);
      expect(got.filter((one) => one.startsWith('mail'))).toHaveLength(10);
      expect(got.filter((one) => one.startsWith('stock'))).toHaveLength(10);
      got.length = 0;
      await source.broker.broadcast('order.placed', {});
      await until('all have come', () => got.length >= 4);
      expect(got.sort()).toEqual(['mail@e1', 'mail@e2', 'stock@e1', 'stock@e2']);
    } finally {
      await stopAll([...members, source]);
    }
  });
});

describe('dependencies', () => {
  test('a service starts when what it depends on has come up on another node', async () => {
    const order: string[] = [];
    const dependant: ServiceSchema = {
      name: 'checkout',
      dependencies: ['stock', { name: 'prices', version: 2 }],
      started: () => void order.push('checkout'),
      actions: { ready: () => true },
    };
    const a = createNode(on('dep-a', [dependant], { dependencyInterval: 20 }));
    const stock = createNode(on('dep-b', [{ name: 'stock', started: () => void order.push('stock') }]));
    const prices = createNode(
      on('dep-c', [{ name: 'prices', version: 2, started: () => void order.push('prices') }]),
    );
    try {
      const starting = a.broker.start();
      await stock.broker.start();
      await prices.broker.start();
      await starting;
      expect(order).toEqual(['stock', 'prices', 'checkout']);
      await prices.broker.waitForServices('checkout', 60_000);
      await expect(prices.broker.call('checkout.ready')).resolves.toBe(true);
    } finally {
      await stopAll([a, stock, prices]);
    }
  });
});
