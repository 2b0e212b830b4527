import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ServiceSchema } from 'moleculer';
import { type ConsulAgent, startConsulAgent } from '../../../scripts/infra/consul.ts';
import { createNode, startNode, until } from './mesh.ts';

const math: ServiceSchema = {
  name: 'math',
  version: 2,
  metadata: { subgraph: { hash: 'abc', http: { port: 4123, path: '/graphql' } } },
  actions: { double: (ctx) => (ctx.params as { n: number }).n * 2 },
};

/** So long that nothing in a test can be the TTL's doing. */
const HOUR = 3_600;

let agent: ConsulAgent;
beforeAll(async () => {
  agent = await startConsulAgent();
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
});

interface Health {
  readonly Service: {
    readonly ID: string;
    readonly Port: number;
    readonly Tags: string[];
    readonly Meta: object;
  };
  readonly Checks: ReadonlyArray<{ readonly Status: string }>;
}
const health = (service: string) => agent.get<Health[]>(`/v1/health/service/${service}`);
const catalogue = async () => Object.keys(await agent.get<object>('/v1/catalog/services'));
const keys = () => agent.get<string[]>('/v1/kv/moleculer-test/?keys').catch(() => []);

describe('joining', () => {
  test('a newcomer can call everybody as soon as it has started, without a packet of INFO from anyone', async () => {
    const drop = ['INFO', 'DISCOVER'];
    const consul = { address: agent.address };
    await using a = await startNode({ nodeID: 'a', consul, services: [math], drop });
    await until('a is registered', () => a.discoverer.status().registered);
    await using b = await startNode({ nodeID: 'b', consul, drop });
    await expect(b.broker.call('v2.math.double', { n: 4 })).resolves.toBe(8);
    await until('a has found b', () => a.peers().includes('b'));
  });

  test('every Moleculer service is in the catalogue under a DNS-safe name, passing, with port, path and hash', async () => {
    await using node = await startNode({ nodeID: 'a', consul: { address: agent.address }, services: [math] });
    await until('registered', () => node.discoverer.status().registered);
    await until('listed', async () => (await catalogue()).includes('moleculer-test--v2-math'));
    const [entry] = await health('moleculer-test--v2-math');
    expect(entry?.Service).toMatchObject({
      ID: 'moleculer-test:a:v2.math',
      Port: 4123,
      Tags: ['moleculer', 'subgraph'],
      Meta: { nodeID: 'a', service: 'v2.math', path: '/graphql', hash: 'abc' },
    });
    expect(entry?.Checks.map(({ Status }) => Status)).toEqual(['passing', 'passing']);
    const [own] = await health('moleculer-test');
    expect(own?.Service.Meta).toMatchObject({ nodeID: 'a', instanceID: node.broker.instanceID });
  });

  test("a service created later is announced at once, whatever Moleculer's debounce is set to", async () => {
    const consul = { address: agent.address };
    const transit = { maxQueueSize: 1_000, serviceChangedDebounceTime: HOUR * 1_000 };
    await using a = await startNode({ nodeID: 'a', consul, broker: { transit } });
    await using b = await startNode({ nodeID: 'b', consul });
    a.broker.createService({ ...math });
    await b.broker.waitForServices('v2.math', 20_000);
    a.broker.createService({ ...math, name: 'more', version: 1 });
    await b.broker.waitForServices('v1.more', 20_000);
    await until('catalogued', async () => (await catalogue()).includes('moleculer-test--v1-more'));
  });

  test('nodes of another namespace are not seen', async () => {
    await using a = await startNode({ nodeID: 'a', consul: { address: agent.address, namespace: 'one' } });
    await using b = await startNode({
      nodeID: 'b',
      consul: { address: agent.address, namespace: 'ONE' },
      drop: ['INFO'],
    });
    await until('both are registered', () => [a, b].every((node) => node.discoverer.status().registered));
    expect(a.peers()).toEqual([]);
  });

  test('an INFO above 512 KB is a clear error, and the node can still be called over the transporter', async () => {
    const consul = { address: agent.address };
    // 2 million hex digits of no pattern: gzip cannot bring them below the limit.
    const blob = Array.from({ length: 250_000 }, (_, i) => ((i * 2_654_435_761) % 2 ** 32).toString(16)).join(
      '',
    );
    await using a = await startNode({ nodeID: 'a', consul, services: [{ ...math, metadata: { blob } }] });
    await using b = await startNode({ nodeID: 'b', consul });
    await until('the error shows', () => a.discoverer.status().error !== undefined);
    expect(a.discoverer.status()).toMatchObject({ connected: true, registered: false });
    expect(a.discoverer.status().error).toMatchObject({
      failure: 'too-large',
      message: expect.stringMatching(/INFO of node "a" takes \d+ KiB .* 512 KiB.*Largest: v2\.math/),
    });
    await b.broker.waitForServices('v2.math', 20_000);
    await expect(b.broker.call('v2.math.double', { n: 1 })).resolves.toBe(2);
  });
});

describe('leaving', () => {
  test('a stopped node takes its services, its entry and its INFO out of Consul before stop() resolves', async () => {
    const node = await startNode({ nodeID: 'a', consul: { address: agent.address }, services: [math] });
    await until('listed', async () => (await catalogue()).includes('moleculer-test--v2-math'));
    await node.broker.stop();
    await until('gone', async () => (await catalogue()).join() === 'consul');
    await expect(keys()).resolves.toEqual([]);
  });

  test('a goodbye ends the node at once: without a TTL, without asking, and Consul does not bring it back', async () => {
    const consul = { address: agent.address, ttl: HOUR, beat: HOUR / 2 };
    await using a = await startNode({ nodeID: 'a', consul });
    const b = createNode({ nodeID: 'b', consul, services: [math] });
    await b.broker.start();
    await a.broker.waitForServices('v2.math', 20_000);
    await until('a has seen b in Consul', () => b.discoverer.status().registered);
    await b.broker.stop();
    expect(a.lost).toEqual(['b']);
    expect(a.peers()).toEqual([]);
    await until('b is out of Consul', async () => (await health('moleculer-test')).length === 1);
    expect(a.peers()).toEqual([]);
  });

  test('a node whose goodbye is lost leaves by its deregistration, not by its TTL', async () => {
    const consul = { address: agent.address, ttl: HOUR, beat: HOUR / 2 };
    await using a = await startNode({ nodeID: 'a', consul });
    const b = createNode({ nodeID: 'b', consul, drop: ['DISCONNECT'] });
    await b.broker.start();
    await until('b is registered', () => b.discoverer.status().registered);
    await until('a has found b', () => a.peers().includes('b'));
    await b.broker.stop();
    await until('a has lost b', () => a.lost.includes('b'));
  });

  test('a service created right before stop() is not announced by it', async () => {
    const consul = { address: agent.address };
    await using a = await startNode({ nodeID: 'a', consul });
    const b = await startNode({ nodeID: 'b', consul, services: [math] });
    await a.broker.waitForServices('v2.math', 20_000);
    const announced: number[] = [];
    a.broker.localBus.on('$node.updated', ({ node }: { node: { services: unknown[] } }) =>
      announced.push(node.services.length),
    );
    b.broker.createService({ name: 'late', actions: { a: () => 1 } });
    await b.broker.stop();
    expect(announced.at(-1)).toBe(0);
  });

  test('a false alarm about a living node is undone by the node itself', async () => {
    const consul = { address: agent.address, ttl: HOUR, beat: HOUR / 2 };
    await using a = await startNode({ nodeID: 'a', consul });
    await using b = await startNode({ nodeID: 'b', consul });
    await until('a has found b', () => a.peers().includes('b'));
    a.discoverer.remoteNodeDisconnected('b', true);
    expect(a.lost).toEqual(['b']);
    await until('b is back', () => a.peers().includes('b'));
    expect(b.lost).toEqual([]);
  });

  test('a broker that was stopped can be started again', async () => {
    const consul = { address: agent.address };
    await using a = await startNode({ nodeID: 'a', consul });
    await using b = await startNode({ nodeID: 'b', consul, services: [math] });
    await b.broker.stop();
    await b.broker.start();
    await a.broker.waitForServices('v2.math', 20_000);
    await until('registered', () => b.discoverer.status().registered);
    await expect(a.broker.call('v2.math.double', { n: 3 })).resolves.toBe(6);
  });
});
