import { expect, test } from '@jest/globals';
import { startConsulAgent } from '../../../scripts/infra/consul.ts';
import { startConsulProxy } from './consul-proxy.ts';
import { createNode, until } from './mesh.ts';

const NODES = 50;

test('50 nodes that join at once through Consul alone all find each other, with a bounded number of requests', async () => {
  await using agent = await startConsulAgent();
  await using proxy = await startConsulProxy(agent.port);
  const consul = { address: proxy.address };
  const drop = ['INFO', 'DISCOVER'];
  const nodes = Array.from({ length: NODES }, (_, i) =>
    createNode({
      nodeID: `node-${i}`,
      consul,
      drop,
      services: [{ name: `service-${i}`, actions: { who: () => i } }],
    }),
  );
  try {
    await Promise.all(nodes.map((node) => node.broker.start()));
    await until('all know all', () => nodes.every((node) => node.peers().length === NODES - 1));
    await until('all are registered', () => nodes.every((node) => node.discoverer.status().registered));
    await expect(nodes[0]?.broker.call(`service-${NODES - 1}.who`)).resolves.toBe(NODES - 1);
    expect(nodes.flatMap((node) => node.lost)).toEqual([]);
    // Reads of all at once make it some 200 on a quiet machine; where each INFO comes alone, no node reads one twice.
    expect(proxy.count('GET', '/v1/kv/')).toBeLessThan(NODES * NODES);
    // Some 250; not one for each change of each node, which would be 50 × 50 × (node and service changes).
    expect(proxy.count('GET', '/v1/health/')).toBeLessThan(NODES * NODES);
  } finally {
    await Promise.all(nodes.map((node) => node.broker.stop()));
  }
});

test('a node that joins a mesh reads all INFO in one request', async () => {
  await using agent = await startConsulAgent();
  const consul = { address: agent.address };
  const drop = ['INFO', 'DISCOVER'];
  const mesh = Array.from({ length: 10 }, (_, i) => createNode({ nodeID: `node-${i}`, consul, drop }));
  try {
    await Promise.all(mesh.map((node) => node.broker.start()));
    await until('all are registered', () => mesh.every((node) => node.discoverer.status().registered));
    await until('all know all', () => mesh.every((node) => node.peers().length === 9));
    await using proxy = await startConsulProxy(agent.port);
    await using late = createNode({ nodeID: 'late', consul: { address: proxy.address }, drop });
    await late.broker.start();
    expect(late.peers()).toHaveLength(10);
    expect(proxy.count('GET', '/v1/kv/')).toBe(1);
  } finally {
    await Promise.all(mesh.map((node) => node.broker.stop()));
  }
});
