import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { type Child, startChild } from '../../../scripts/infra/child.ts';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { failures, startLoad } from '../test/load.ts';
import { startNode, until, untilCallable, untilForgotten } from '../test/support.ts';

const SCRIPT = fileURLToPath(new URL('../test/replica.ts', import.meta.url));

async function startReplicas(url: string, disableBalancer = false) {
  const folder = await mkdtemp(join(tmpdir(), 'replicas-'));
  const file = join(folder, 'runs');
  const balancing = disableBalancer ? 'nats' : 'moleculer';
  const start = (nodeID: string): Child =>
    startChild(process.execPath, ['--conditions=source', SCRIPT, nodeID, url, file, balancing]);
  const [one, two] = [start('one'), start('two')];
  return {
    one,
    two,
    async ranTwice(): Promise<string[]> {
      const ids = (await readFile(file, 'utf8')).trim().split('\n');
      return ids.filter((id, index) => ids.indexOf(id) !== index);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([one.end('SIGKILL'), two.end('SIGKILL')]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

for (const disableBalancer of [false, true]) {
  test(`killing one of two replicas under load fails no repeatable call and runs no other twice (disableBalancer: ${disableBalancer})`, async () => {
    await using nats = await startNatsServer();
    await using replicas = await startReplicas(nats.url, disableBalancer);
    await using client = await startNode('client', nats.url, {
      broker: { disableBalancer, requestTimeout: 5_000 },
    });
    await untilCallable(client, 'worker.read', 2);
    const load = startLoad(client.broker, { everyMs: 8, ms: 20 });
    await until('calls are under way', () => load.started > 50);
    replicas.one.signal('SIGKILL');
    await replicas.one.exited;
    const before = load.started;
    await until('calls after the kill', () => load.started > before + 100);
    const outcomes = await load.stop();

    expect(failures(outcomes, 'worker.read')).toEqual([]);
    // What was running in the killed process is reported as failed, and not tried again.
    expect(failures(outcomes, 'worker.write').length).toBeLessThanOrEqual(4);
    expect((await replicas.ranTwice()).filter((id) => id.startsWith('worker.write'))).toEqual([]);
    // Where NATS balances, a node that owed nothing when it died is not missed: nobody is sent to it by name.
    if (!disableBalancer) expect(client.broker.registry.nodes.get('one')?.available).toBe(false);
  });
}

test('a request to a node whose death nobody noticed never ran, and is the last one to go there', async () => {
  await using nats = await startNatsServer();
  await using replicas = await startReplicas(nats.url);
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'worker.write', 2);
  replicas.one.signal('SIGKILL');
  await replicas.one.exited;
  await untilForgotten('one', nats.url);
  const calls = () =>
    Promise.allSettled(['a', 'b'].map((id) => client.broker.call('worker.write', { id }, { retries: 0 })));
  const failed = (await calls()).filter((call) => call.status === 'rejected').map((call) => call.reason);
  expect(failed).toMatchObject([
    { type: 'UNDELIVERED', retryable: true, data: { action: 'worker.write', nodeID: 'one' } },
  ]);
  expect(client.broker.registry.getActionEndpoints('worker.write')?.endpoints.map((e) => e.id)).toEqual([
    'two',
  ]);
  expect((await calls()).every((call) => call.status === 'fulfilled')).toBe(true);
});

test('a call that must not run twice is sent to another node when the first was dead', async () => {
  await using nats = await startNatsServer();
  await using replicas = await startReplicas(nats.url);
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'worker.write', 2);
  replicas.one.signal('SIGKILL');
  await replicas.one.exited;
  await untilForgotten('one', nats.url);
  const ids = ['a', 'b', 'c', 'd'];
  const answers = await Promise.all(ids.map((id) => client.broker.call('worker.write', { id })));
  expect(answers).toEqual(ids.map((id) => `${id}@two`));
  expect(await replicas.ranTwice()).toEqual([]);
});

test('on a quiet mesh a call in flight to a killed node is rejected long before its timeout', async () => {
  await using nats = await startNatsServer();
  await using replicas = await startReplicas(nats.url);
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'worker.write', 2);
  const call = client.broker.call(
    'worker.write',
    { id: 'last', ms: 600_000 },
    { nodeID: 'one', timeout: 600_000 },
  );
  await until('it is in flight', () => client.broker.transit?.pendingRequests.size === 1);
  await client.broker.call('$node.health', {}, { nodeID: 'one' });
  replicas.one.signal('SIGKILL');
  await expect(call).rejects.toMatchObject({ type: 'REQUEST_REJECTED' });
});

test('a node that comes back under its name is called again', async () => {
  await using nats = await startNatsServer();
  await using replicas = await startReplicas(nats.url);
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'worker.read', 2);
  const pinned = client.broker.call(
    'worker.write',
    { id: 'old', ms: 600_000 },
    { nodeID: 'one', timeout: 600_000 },
  );
  const rejected = expect(pinned).rejects.toMatchObject({ type: 'REQUEST_REJECTED' });
  await client.broker.call('$node.health', {}, { nodeID: 'one' });
  replicas.one.signal('SIGKILL');
  await replicas.one.exited;
  await using _again = await startReplicaAs('one', nats.url);
  await untilCallable(client, 'worker.read', 2);
  await rejected;
  await expect(client.broker.call('worker.read', { id: 'new' }, { nodeID: 'one' })).resolves.toBe('new@one');
});

async function startReplicaAs(nodeID: string, url: string) {
  const child = startChild(process.execPath, ['--conditions=source', SCRIPT, nodeID, url, '/dev/null']);
  return { [Symbol.asyncDispose]: () => child.end('SIGKILL') };
}
