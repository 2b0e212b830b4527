import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServiceSchema } from 'moleculer';
import { type ConsulAgent, startConsulAgent } from '../../../scripts/infra/consul.ts';
import { startConsulProxy } from './consul-proxy.ts';
import { startNode, until } from './mesh.ts';

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

let tests = 0;
/** Of this test alone: nothing that another one leaves in the agent is found in it. */
let namespace: string;
let consul: { readonly address: string; readonly namespace: string };
beforeEach(() => {
  namespace = `test-${++tests}`;
  consul = { address: agent.address, namespace };
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
/** Entries of nodes, of those that pass alone or of all. */
const nodes = () => health(`moleculer-${namespace}`);
const passing = () => health(`moleculer-${namespace}?passing`);
const catalogue = async () =>
  Object.keys(await agent.get<object>('/v1/catalog/services')).filter((name) =>
    `${name}--`.startsWith(`moleculer-${namespace}--`),
  );
const keys = () => agent.get<string[]>(`/v1/kv/moleculer-${namespace}/?keys`).catch(() => []);

describe('joining', () => {
  test('a newcomer can call everybody as soon as it has started, without a packet of INFO from anyone', async () => {
    const drop = ['INFO', 'DISCOVER'];
    await using a = await startNode({ nodeID: 'a', consul, services: [math], drop });
    await until('a is registered', () => a.discoverer.status().registered);
    await using b = await startNode({ nodeID: 'b', consul, drop });
    await expect(b.broker.call('v2.math.double', { n: 4 })).resolves.toBe(8);
    await until('a has found b', () => a.peers().includes('b'));
  });

  test('every Moleculer service is in the catalogue under a DNS-safe name, passing, with port, path and hash', async () => {
    await using node = await startNode({ nodeID: 'a', consul, services: [math] });
    await until('registered', () => node.discoverer.status().registered);
    await until('listed', async () => (await catalogue()).includes(`moleculer-${namespace}--v2-math`));
    const [entry] = await health(`moleculer-${namespace}--v2-math`);
    expect(entry?.Service).toMatchObject({
      ID: `moleculer-${namespace}:a:v2.math`,
      Port: 4123,
      Tags: ['moleculer', 'subgraph'],
      Meta: { nodeID: 'a', service: 'v2.math', path: '/graphql', hash: 'abc' },
    });
    expect(entry?.Checks.map(({ Status }) => Status)).toEqual(['passing', 'passing']);
    const [own] = await nodes();
    expect(own?.Service.Meta).toMatchObject({ nodeID: 'a', instanceID: node.broker.instanceID });
  });

  test("a service created later is announced at once, whatever Moleculer's debounce is set to", async () => {
    const transit = { maxQueueSize: 1_000, serviceChangedDebounceTime: HOUR * 1_000 };
    await using a = await startNode({ nodeID: 'a', consul, broker: { transit } });
    await using b = await startNode({ nodeID: 'b', consul });
    a.broker.createService({ ...math });
    await b.broker.waitForServices('v2.math', 60_000);
    a.broker.createService({ ...math, name: 'more', version: 1 });
    await b.broker.waitForServices('v1.more', 60_000);
    await until('catalogued', async () => (await catalogue()).includes(`moleculer-${namespace}--v1-more`));
  });

  test('a node whose INFO in Consul is damaged is asked for it over the transporter', async () => {
    await using a = await startNode({ nodeID: 'a', consul, services: [math] });
    await until('a is listed', async () => (await passing()).length === 1);
    await agent.put(`/v1/kv/moleculer-${namespace}/info/a`, 'damaged');
    await using b = await startNode({ nodeID: 'b', consul });
    await b.broker.waitForServices('v2.math', 60_000);
    expect(a.lost).toEqual([]);
  });

  test('of two processes with one nodeID the earlier gives way, and leaves the entry to the later', async () => {
    const drop = ['INFO', 'DISCOVER', 'DISCONNECT'];
    const earlier = await startNode({ nodeID: 'twin', consul, drop });
    await until('the earlier is listed', async () => (await passing()).length === 1);
    await using later = await startNode({ nodeID: 'twin', consul, drop });
    await until('the earlier has noticed', () => earlier.discoverer.status().error !== undefined);
    expect(earlier.discoverer.status().error?.message).toContain('nodeID conflict');
    await earlier.broker.stop();
    const [entry] = await passing();
    expect(entry?.Service.Meta).toMatchObject({ instanceID: later.broker.instanceID });
  });

  test("an earlier instance's entry that comes back, as from the log of a restarted server, is written over", async () => {
    const drop = ['INFO', 'DISCOVER', 'DISCONNECT'];
    await using earlier = await startNode({ nodeID: 'twin', consul, drop });
    await until('the earlier is listed', async () => (await passing()).length === 1);
    const [entry] = await passing();
    await using later = await startNode({ nodeID: 'twin', consul, drop });
    await until('the later knows that it is listed', () => later.discoverer.status().registered);
    await until('the earlier has given way', () => earlier.discoverer.status().error !== undefined);
    const { ID, Tags, Meta } = entry?.Service ?? {};
    const old = { ID, Tags, Meta, Name: `moleculer-${namespace}`, Check: { TTL: '1h', Status: 'passing' } };
    await agent.put('/v1/agent/service/register', old);
    const instance = async () => ((await nodes())[0]?.Service.Meta as typeof Meta) ?? {};
    await until('the later has its entry back', async () =>
      JSON.stringify(await instance()).includes(later.broker.instanceID),
    );
    expect(later.discoverer.status().error).toBeUndefined();
  });

  test('nodes of another namespace are not seen', async () => {
    await using a = await startNode({
      nodeID: 'a',
      consul: { address: agent.address, namespace: `${namespace}-one` },
    });
    await using b = await startNode({
      nodeID: 'b',
      consul: { address: agent.address, namespace: `${namespace}-ONE` },
      drop: ['INFO'],
    });
    await until('both are registered', () => [a, b].every((node) => node.discoverer.status().registered));
    expect(a.peers()).toEqual([]);
  });

  test('an INFO above 512 KB is a clear error, and the node can still be called over the transporter', async () => {
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
    await b.broker.waitForServices('v2.math', 60_000);
    await expect(b.broker.call('v2.math.double', { n: 1 })).resolves.toBe(2);
  });
});

describe('leaving', () => {
  test('a stopped node takes its services, its entry and its INFO out of Consul before stop() resolves', async () => {
    const node = await startNode({ nodeID: 'a', consul, services: [math] });
    await until('listed', async () => (await catalogue()).includes(`moleculer-${namespace}--v2-math`));
    await node.broker.stop();
    await until('gone', async () => (await catalogue()).length === 0);
    await expect(keys()).resolves.toEqual([]);
  });

  test('a goodbye ends the node at once, and a Consul that still calls it passing does not bring it back', async () => {
    const patient = { ...consul, ttl: HOUR, beat: HOUR / 2 };
    await using proxy = await startConsulProxy(agent.port);
    await using a = await startNode({ nodeID: 'a', consul: patient });
    const b = await startNode({
      nodeID: 'b',
      consul: { ...patient, address: proxy.address },
      services: [math],
    });
    await a.broker.waitForServices('v2.math', 60_000);
    await until('b is listed', async () => (await passing()).length === 2);
    proxy.cut();
    await b.broker.stop();
    expect(a.lost).toEqual(['b']);
    // A list with b in it, passing, newer than its goodbye.
    await using _ = await startNode({ nodeID: 'c', consul: patient, drop: ['INFO'] });
    await until('a has found c', () => a.peers().includes('c'));
    expect((await passing()).length).toBe(3);
    expect(a.peers()).toEqual(['c']);
  });

  test('a node whose goodbye is lost leaves by its deregistration, and does not answer for itself meanwhile', async () => {
    const patient = { ...consul, ttl: HOUR, beat: HOUR / 2 };
    await using proxy = await startConsulProxy(agent.port);
    await using a = await startNode({ nodeID: 'a', consul: patient });
    const b = await startNode({
      nodeID: 'b',
      consul: { ...patient, address: proxy.address },
      drop: ['DISCONNECT'],
    });
    await until('b is listed', async () => (await passing()).length === 2);
    await until('a has found b', () => a.peers().includes('b'));
    // Keeps b on the transporter after its deregistration, as a slow Consul would.
    const removed = until('a has lost b', () => a.lost.includes('b'));
    proxy.gate = (line) => (line.startsWith('DELETE') ? removed : undefined);
    await b.broker.stop();
    await removed;
  });

  test('a service created right before stop() is not announced by it', async () => {
    await using a = await startNode({ nodeID: 'a', consul });
    const b = await startNode({ nodeID: 'b', consul, services: [math] });
    await a.broker.waitForServices('v2.math', 60_000);
    const announced: number[] = [];
    a.broker.localBus.on('$node.updated', ({ node }: { node: { services: unknown[] } }) =>
      announced.push(node.services.length),
    );
    b.broker.createService({ name: 'late', actions: { a: () => 1 } });
    await b.broker.stop();
    expect(announced.at(-1)).toBe(0);
  });

  test('a false alarm about a living node is undone by the node itself', async () => {
    const patient = { ...consul, ttl: HOUR, beat: HOUR / 2 };
    await using a = await startNode({ nodeID: 'a', consul: patient });
    await using b = await startNode({ nodeID: 'b', consul: patient });
    await until('a has found b', () => a.peers().includes('b'));
    a.discoverer.remoteNodeDisconnected('b', true);
    expect(a.lost).toEqual(['b']);
    await until('b is back', () => a.peers().includes('b'));
    expect(b.lost).toEqual([]);
  });
});
