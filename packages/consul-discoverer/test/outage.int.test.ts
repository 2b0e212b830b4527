import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type ConsulAgent, startConsulAgent } from '../../../scripts/infra/consul.ts';
import { startConsulProxy } from './consul-proxy.ts';
import { createNode, startNode, type TestNode, until } from './mesh.ts';

/** Milliseconds the agent is away: longer than the TTL, so that everything in it expires. */
const OUTAGE = 10_000;
const TIMES = { ttl: 2, beat: 0.5 };

const echo = (nodeID: string) => ({ name: 'echo', actions: { who: () => nodeID } });

async function startMesh(
  agent: ConsulAgent,
  namespace: string,
): Promise<AsyncDisposable & { readonly nodes: TestNode[] }> {
  const consul = { address: agent.address, ...TIMES };
  const nodes = await Promise.all(
    ['a', 'b', 'c'].map((nodeID) =>
      startNode({ nodeID, consul, services: [echo(nodeID)], broker: { namespace } }),
    ),
  );
  await until('all know all', () => nodes.every((node) => node.peers().length === 2));
  await until('all are registered', () => nodes.every((node) => node.discoverer.status().registered));
  return {
    nodes,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.broker.stop()));
    },
  };
}

/** Calls every node from every node, again and again, until told to stop; counts what failed. */
function startTraffic(nodes: readonly TestNode[]) {
  let on = true;
  const count = { answered: 0, failed: 0 };
  const run = async () => {
    while (on) {
      for (const from of nodes) {
        for (const to of ['a', 'b', 'c']) {
          await from.broker.call('echo.who', {}, { nodeID: to }).then(
            () => count.answered++,
            () => count.failed++,
          );
        }
      }
      await delay(20);
    }
  };
  const running = run();
  return async () => {
    on = false;
    await running;
    return count;
  };
}

const passing = async (agent: ConsulAgent) =>
  (await agent.get<unknown[]>('/v1/health/service/moleculer-test?passing').catch(() => [])).length;

function isFine({ discoverer }: TestNode): boolean {
  const { connected, registered, error } = discoverer.status();
  return connected && registered && error === undefined;
}

/** An outage of one agent, with a mesh of its own. */
async function outage(wipe: boolean): Promise<void> {
  await using agent = await startConsulAgent();
  await using mesh = await startMesh(agent, `wiped-${wipe}`);
  const stopTraffic = startTraffic(mesh.nodes);
  await agent.stop({ wipe });
  await until('all have noticed', () => mesh.nodes.every((node) => !node.discoverer.status().connected));
  await delay(OUTAGE);
  await agent.start();
  await until('all are listed again', async () => (await passing(agent)) === 3);
  await until('all say so', () => mesh.nodes.every(isFine));
  // One TTL more: what the new list says is believed by then.
  await delay(TIMES.ttl * 1_000);
  const { answered, failed } = await stopTraffic();
  expect(failed).toBe(0);
  expect(answered).toBeGreaterThan(0);
  expect(mesh.nodes.flatMap((node) => node.lost)).toEqual([]);
  const services = () => agent.get<object>('/v1/catalog/services');
  await until('their services are too', async () => 'moleculer-test--echo' in (await services()));
  await until('all say so still', () => mesh.nodes.every(isFine));
  for (const node of mesh.nodes) {
    const told = node.statuses.map(({ error }) => error?.failure ?? 'none');
    expect(told).toEqual(expect.arrayContaining(['unreachable', 'none']));
    expect(told.at(-1)).toBe('none');
    // One line in the log for each change: nothing is said twice.
    expect(told.filter((failure, i) => failure === told[i - 1])).toEqual([]);
  }
}

test('an agent stopped and started again costs no node and no call, with its data or with none', async () => {
  // Both at once: each waits the same outage out.
  await Promise.all([outage(false), outage(true)]);
});

test('a node whose agent takes it off the list, as one does that leaves its cluster, stays while it answers', async () => {
  await using agent = await startConsulAgent();
  await using proxy = await startConsulProxy(agent.port);
  const consul = { address: agent.address, ...TIMES };
  await using a = await startNode({ nodeID: 'a', consul });
  await using b = await startNode({
    nodeID: 'b',
    consul: { ...consul, address: proxy.address },
    services: [echo('b')],
  });
  await until('both are listed', async () => (await passing(agent)) === 2);
  await until('a has found b', () => a.peers().includes('b'));
  proxy.cut();
  await agent.put('/v1/agent/service/deregister/moleculer-test:b');
  await until('b is not listed', async () => (await passing(agent)) === 1);
  await delay(2 * TIMES.ttl * 1_000);
  expect(a.lost).toEqual([]);
  await expect(a.broker.call('echo.who')).resolves.toBe('b');
  expect(b.discoverer.status().error?.failure).toBe('unreachable');
});

test("a dead instance's entry that comes back, as from the log of a restarted server, does not replace the living one", async () => {
  await using agent = await startConsulAgent();
  await using proxy = await startConsulProxy(agent.port);
  const consul = { address: agent.address, ...TIMES };
  await using caller = await startNode({ nodeID: 'caller', consul });
  const earlier = await startNode({ nodeID: 'b', consul, services: [echo('earlier')] });
  await until('the earlier is listed', async () => (await passing(agent)) === 2);
  const [entry] = await agent.get<Array<{ Service: { ID: string; Tags: string[]; Meta: object } }>>(
    '/v1/health/service/moleculer-test?filter=Service.Meta.nodeID==b',
  );
  const [info] = await agent.get<Array<{ Value: string }>>('/v1/kv/moleculer-test/info/b');
  await earlier.broker.stop();
  // For one TTL its goodbye alone would keep it out.
  await delay(TIMES.ttl * 1_000);
  const through = { ...consul, address: proxy.address };
  await using later = await startNode({ nodeID: 'b', consul: through, services: [echo('later')] });
  await until('the later is listed', () => later.discoverer.status().registered);
  await until('the caller has found it', () => caller.peers().includes('b'));
  proxy.cut();
  const body = Buffer.from(info!.Value, 'base64');
  await fetch(`http://${agent.address}/v1/kv/moleculer-test/info/b`, { method: 'PUT', body });
  const { ID, Tags, Meta } = entry!.Service;
  const old = { ID, Tags, Meta, Name: 'moleculer-test', Check: { TTL: '1h', Status: 'passing' } };
  await agent.put('/v1/agent/service/register', old);
  // Found by Consul alone, whose list the caller then has read with the old entry in it.
  await using witness = await startNode({ nodeID: 'witness', consul, drop: ['INFO', 'DISCOVER'] });
  await until('the caller has read the list', () => caller.peers().includes('witness'));
  expect(caller.lost).toEqual(['b']);
  expect(caller.broker.registry.nodes.get('b')?.instanceID).toBe(later.broker.instanceID);
  await expect(caller.broker.call('echo.who')).resolves.toBe('later');
  expect(witness.broker.started).toBe(true);
});

test('without an agent at the start nodes find each other over the transporter, and register when it comes', async () => {
  await using agent = await startConsulAgent();
  await agent.stop();
  const consul = { address: agent.address, ...TIMES };
  await using a = await startNode({ nodeID: 'a', consul, services: [echo('a')] });
  await using b = createNode({ nodeID: 'b', consul });
  await b.broker.start();
  await b.broker.waitForServices('echo', 60_000);
  await expect(b.broker.call('echo.who')).resolves.toBe('a');
  expect(a.discoverer.status()).toMatchObject({
    connected: false,
    registered: false,
    error: {
      failure: 'unreachable',
      message: expect.stringContaining(`the Consul agent at ${agent.address}`),
    },
  });
  await agent.start();
  await until('both are listed', async () => (await passing(agent)) === 2);
  // The watch comes back by itself, after the registration or before it.
  await until('both say so', () => [a, b].every(isFine));
  const told = a.statuses.map(({ error }) => error?.failure);
  expect([told[0], told.at(-1)]).toEqual(['unreachable', undefined]);
});

test('stop() does not wait for an agent that is gone', async () => {
  await using agent = await startConsulAgent();
  const node = await startNode({ nodeID: 'a', consul: { address: agent.address, ...TIMES } });
  await until('registered', () => node.discoverer.status().registered);
  await agent.stop();
  await until('noticed', () => !node.discoverer.status().connected);
  await node.broker.stop();
  expect(node.discoverer.status().error?.failure).toBe('unreachable');
});
