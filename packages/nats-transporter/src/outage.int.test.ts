import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { failures, startLoad } from '../test/load.ts';
import { startRelay } from '../test/relay.ts';
import { createNode, startNode, until, untilCallable } from '../test/support.ts';
import { type Work, worker } from '../test/worker.ts';

/** Longer than the wait between two attempts to connect. */
const OUTAGE_MS = 600;
/** Stands for work that ends when the test says so. */
const HELD = -1;

/** Work that is held until `open`. */
function createGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, hold: ({ ms = 5 }: Work) => (ms === HELD ? promise : delay(ms)) };
}

for (const disableBalancer of [false, true]) {
  const mode = disableBalancer ? 'balanced by NATS' : 'balanced by Moleculer';

  test(`no repeatable call fails and no other runs twice when the server is killed under load (${mode})`, async () => {
    await using nats = await startNatsServer();
    const runs = new Map<string, number>();
    const running = new Set<string>();
    const gate = createGate();
    const services = [
      worker(
        (id) => {
          runs.set(id, (runs.get(id) ?? 0) + 1);
          running.add(id);
        },
        (work) => gate.hold(work).finally(() => running.delete(work.id)),
      ),
    ];
    const broker = { disableBalancer };
    await using one = await startNode('one', nats.url, { services, broker });
    await using two = await startNode('two', nats.url, { services, broker });
    await using client = await startNode('client', nats.url, { broker });
    await untilCallable(client, 'worker.read', 2);

    const short = startLoad(client.broker);
    const long = startLoad(client.broker, { everyMs: 50, ms: HELD });
    await until('calls under way', () => short.started > 50 && running.size > 4);
    await nats.stop('SIGKILL');
    await until('all know', () => [one, two, client].every((node) => !node.broker.transit?.tx.connected));
    const [exposed, safe] = [{ short: short.started, long: long.started }, new Set(running)];
    gate.open();
    await delay(OUTAGE_MS);
    await nats.start();
    await until(
      'the client is back',
      () => client.events.filter((e) => e.name === '$transporter.connected').length === 2,
    );
    const before = short.started;
    await until('calls after the outage', () => short.started > before + 50);
    const [shorts, longs] = [await short.stop(), await long.stop()];

    expect(failures([...shorts, ...longs], 'worker.read')).toEqual([]);
    // A request or an answer on the wire in the very moment of the kill may be lost; it is then reported, not repeated.
    const later = [...shorts.slice(exposed.short), ...longs.slice(exposed.long)];
    const meanwhile = [...shorts, ...longs].filter(({ id }) => safe.has(id));
    expect(failures([...later, ...meanwhile], 'worker.write')).toEqual([]);
    const twice = [...runs].filter(([id, count]) => id.startsWith('worker.write') && count > 1);
    expect(twice).toEqual([]);
    expect(client.broker.transit?.pendingRequests.size).toBe(0);
    for (const node of [one, two, client])
      expect(node.log.filter((line) => line.text.includes('is lost'))).toHaveLength(1);
  });
}

test('while the server is away a call that may not wait fails at once, as never run', async () => {
  await using nats = await startNatsServer();
  await using _server = await startNode('server', nats.url, { services: [worker(() => undefined)] });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'worker.write');
  await nats.stop('SIGKILL');
  await until('the client knows', () => !client.broker.transit?.tx.connected);
  const call = client.broker.call('worker.write', { id: '1' }, { retries: 0 });
  await expect(call).rejects.toMatchObject({ name: 'BrokerDisconnectedError', retryable: true });
  expect(client.broker.transit?.pendingRequests.size).toBe(0);
  expect(client.events.map((e) => e.name)).toEqual(['$transporter.connected', '$transporter.disconnected']);
  await nats.start();
  await until('back', () => client.broker.transit?.connected === true);
  await untilCallable(client, 'worker.write');
  await expect(client.broker.call('worker.write', { id: '2' })).resolves.toBe('2@server');
});

test('a server that is unreachable at start is waited for, and said once', async () => {
  await using nats = await startNatsServer();
  await nats.stop();
  await using node = createNode('node', nats.url);
  const started = node.start();
  await until('the wait is told', () => node.log.some((line) => line.text.includes('cannot be reached')));
  await delay(600);
  await nats.start();
  await started;
  const told = node.log.filter((line) => line.text.includes('NATS at'));
  expect(told.map((line) => line.level)).toEqual(['warn', 'info']);
});

test('a broker that is stopped while it waits for the server stops at once', async () => {
  await using nats = await startNatsServer();
  await nats.stop();
  const node = createNode('node', nats.url);
  void node.start();
  await until('the wait is told', () => node.log.some((line) => line.text.includes('cannot be reached')));
  await node.stop();
  expect(node.broker.transit?.tx.connected).toBe(false);
});

test('a response finished while the caller is away reaches it when both are back', async () => {
  await using nats = await startNatsServer();
  const runs: string[] = [];
  const gate = createGate();
  const services = [worker((id) => runs.push(id), gate.hold)];
  await using server = await startNode('server', nats.url, { services });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'worker.write');
  const call = client.broker.call('worker.write', { id: 'long', ms: HELD });
  await until('it runs', () => runs.length === 1);
  await nats.stop('SIGKILL');
  await until(
    'both know',
    () => !client.broker.transit?.tx.connected && !server.broker.transit?.tx.connected,
  );
  gate.open();
  await nats.start();
  await expect(call).resolves.toBe('long@server');
  expect(runs).toEqual(['long']);
});

test('a node that comes back later than its caller is not given up for dead', async () => {
  await using nats = await startNatsServer();
  await using relay = await startRelay(nats.port);
  const runs: string[] = [];
  const gate = createGate();
  const services = [worker((id) => runs.push(id), gate.hold)];
  await using server = await startNode('server', relay.url, { services });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'worker.write');
  const long = client.broker.call('worker.write', { id: 'long', ms: HELD });
  await until('it runs', () => runs.length === 1);
  relay.cut();
  await nats.stop('SIGKILL');
  await until(
    'both know',
    () => !client.broker.transit?.tx.connected && !server.broker.transit?.tx.connected,
  );
  await nats.start();
  await until('the caller is back', () => client.broker.transit?.connected === true);
  const early = client.broker.call('worker.write', { id: 'early' }, { retries: 0 });
  await expect(early).rejects.toMatchObject({ type: 'UNDELIVERED' });
  const patient = client.broker.call('worker.write', { id: 'patient' });
  relay.restore();
  await expect(patient).resolves.toBe('patient@server');
  gate.open();
  await expect(long).resolves.toBe('long@server');
  expect(runs).toEqual(['long', 'patient']);
});

test('a response is kept for a caller that comes back later than the node that answers', async () => {
  await using nats = await startNatsServer();
  await using relay = await startRelay(nats.port);
  const runs: string[] = [];
  const gate = createGate();
  const services = [worker((id) => runs.push(id), gate.hold)];
  await using server = await startNode('server', nats.url, { services });
  await using client = await startNode('client', relay.url);
  await untilCallable(client, 'worker.write');
  const call = client.broker.call('worker.write', { id: 'x', ms: HELD });
  await until('it runs', () => runs.length === 1);
  relay.cut();
  await nats.stop('SIGKILL');
  await until(
    'both know',
    () => !client.broker.transit?.tx.connected && !server.broker.transit?.tx.connected,
  );
  gate.open();
  await nats.start();
  await until('the answering node is back', () => server.broker.transit?.connected === true);
  relay.restore();
  await expect(call).resolves.toBe('x@server');
});
