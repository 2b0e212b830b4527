import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConsulAgent, startConsulAgent } from '../../../scripts/infra/consul.ts';
import { type NatsServer, startNatsServer } from '../../../scripts/infra/nats.ts';
import { startNode, startNodeProcess, until } from './mesh.ts';

let agent: ConsulAgent;
let nats: NatsServer;
beforeAll(async () => {
  [agent, nats] = await Promise.all([startConsulAgent(), startNatsServer()]);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

interface Health {
  readonly Service: { readonly Meta: { readonly nodeID: string } };
  readonly Checks: ReadonlyArray<{ readonly Status: string }>;
}

let meshes = 0;

/**
 * A node here and a worker in a process of its own, with a call in flight to it. Each mesh has a namespace of its own in
 * Consul: what an earlier test killed under a long TTL stays listed there, and would be found by the next one's nodes.
 */
async function meshWithBusyWorker(ttl: number, beat: number) {
  const namespace = `crash-${++meshes}`;
  const consul = { address: agent.address, namespace, ttl, beat };
  const busy = Promise.withResolvers<void>();
  const listener = { name: 'listener', events: { 'worker.busy': () => busy.resolve() } };
  const caller = await startNode({ nodeID: 'caller', consul, transporter: nats.url, services: [listener] });
  const start = () => startNodeProcess({ nodeID: 'worker-1', nats: nats.url, consul });
  const worker = await start();
  await caller.broker.waitForServices('worker', 60_000);
  await until('both see each other in Consul', async () => {
    const list = await agent.get<Health[]>(`/v1/health/service/moleculer-${namespace}?passing`);
    return list.length === 2 && caller.discoverer.status().registered;
  });
  const inFlight = caller.broker.call('worker.forever').then(
    () => 'answered',
    (error: Error) => error.name,
  );
  await busy.promise;
  return { caller, worker, inFlight, start, namespace };
}

test('a process killed with -9 is out of rotation when its TTL is over, and its calls in flight are rejected', async () => {
  const { caller, worker, inFlight, namespace } = await meshWithBusyWorker(2, 0.5);
  await using _ = caller;
  await worker.kill();
  await expect(inFlight).resolves.toBe('RequestRejectedError');
  // Not counted: where the machine stalls for longer than so short a TTL, it is taken for dead before it is, and comes back.
  await until('it is out of rotation', () => caller.peers().length === 0);
  expect(new Set(caller.lost)).toEqual(new Set(['worker-1']));
  await expect(caller.broker.call('worker.who')).rejects.toThrow(/not (available|found)/);
  const list = await agent.get<Health[]>(`/v1/health/service/moleculer-${namespace}`);
  const dead = list.find(({ Service }) => Service.Meta.nodeID === 'worker-1');
  expect(dead?.Checks.map(({ Status }) => Status)).toContain('critical');
});

test('a restart under the same nodeID ends the instance before: its calls are rejected long before any TTL', async () => {
  const { caller, worker, inFlight, start } = await meshWithBusyWorker(3_600, 1_800);
  await using _ = caller;
  const before = await caller.broker.call<{ instanceID: string }, object>('worker.who', {});
  await worker.kill();
  await using __ = await start();
  await expect(inFlight).resolves.toBe('RequestRejectedError');
  await caller.broker.waitForServices('worker', 60_000);
  const after = await caller.broker.call<{ instanceID: string }, object>('worker.who', {});
  expect(after.instanceID).not.toBe(before.instanceID);
});

test('a process ended by SIGTERM leaves by its goodbye', async () => {
  const { caller, worker, inFlight } = await meshWithBusyWorker(3_600, 1_800);
  await using _ = caller;
  await worker.stop();
  await expect(inFlight).resolves.toBe('RequestRejectedError');
  expect(caller.lost).toEqual(['worker-1']);
});
