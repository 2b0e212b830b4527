import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import type { Context, ServiceSchema } from 'moleculer';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { failures, startLoad } from '../test/load.ts';
import { connectionsOf, monitored, startNode, until, untilCallable } from '../test/support.ts';
import { worker } from '../test/worker.ts';

const idle = () => undefined;
const stock = (url: string) => ({ type: 'NATS' as const, options: { url } });

function listener(name: string, heard: string[]): ServiceSchema {
  const note = (ctx: Context) => void heard.push(`${name}@${ctx.broker.nodeID} ${ctx.eventName}`);
  return { name, events: { 'order.placed': note, 'stock.*': note } } as unknown as ServiceSchema;
}

for (const disableBalancer of [false, true]) {
  const mode = `disableBalancer: ${disableBalancer}`;
  const broker = { disableBalancer };

  test(`calls are spread, errors keep their type, $node actions and pings answer (${mode})`, async () => {
    await using nats = await startNatsServer();
    const failing = {
      name: 'failing',
      actions: {
        now() {
          throw Object.assign(new Error('no'), { code: 418, type: 'TEAPOT' });
        },
      },
    };
    const services = [worker(idle), failing];
    await using _one = await startNode('one', nats.url, { services, broker });
    await using _two = await startNode('two', nats.url, { services, broker });
    await using client = await startNode('client', nats.url, { broker });
    await untilCallable(client, 'worker.read', 2);
    const answers = new Set<string>();
    for (let i = 0; i < 40; i++)
      answers.add(await client.broker.call<string, object>('worker.read', { id: 'x' }));
    expect([...answers].sort()).toEqual(['x@one', 'x@two']);
    await expect(client.broker.call('failing.now')).rejects.toMatchObject({ code: 418, type: 'TEAPOT' });
    const nodes = await client.broker.call<{ id: string }[], object>('$node.list', {}, { nodeID: 'one' });
    expect(nodes.map((n) => n.id)).toContain('two');
    expect(await client.broker.ping('two')).toMatchObject({ nodeID: 'two' });
    await expect(client.broker.call('nowhere.at.all', {}, { retries: 0 })).rejects.toMatchObject({
      type: 'SERVICE_NOT_FOUND',
    });
  });

  test(`emit reaches one of each group, broadcast reaches all (${mode})`, async () => {
    await using nats = await startNatsServer();
    const heard: string[] = [];
    const services = [listener('mail', heard), listener('stats', heard)];
    await using _one = await startNode('one', nats.url, { services, broker });
    await using _two = await startNode('two', nats.url, { services, broker });
    await using client = await startNode('client', nats.url, { broker });
    await until(
      'both listen',
      () => client.broker.registry.events.getAllEndpoints('order.placed').length === 2,
    );

    await client.broker.emit('order.placed', { id: 1 });
    await until('one of each group', () => heard.length >= 2);
    await client.broker.broadcast('stock.changed', { id: 1 });
    await until('all', () => heard.length >= 6);
    await client.broker.emit('order.placed', { id: 2 }, { groups: ['mail'] } as object);
    await until('one of the group named', () => heard.length >= 7);
    // A call that comes back proves that nothing further was on its way.
    await client.broker.call('$node.health', {}, { nodeID: 'one' });
    await client.broker.call('$node.health', {}, { nodeID: 'two' });
    const placed = heard.filter((h) => h.endsWith('order.placed')).map((h) => h.split('@')[0]);
    expect(placed.sort()).toEqual(['mail', 'mail', 'stats']);
    const changed = heard.filter((h) => h.endsWith('stock.changed')).sort();
    const all = ['mail@one', 'mail@two', 'stats@one', 'stats@two'].map((h) => `${h} stock.changed`);
    expect(changed).toEqual(all);
  });

  test(`services that come and go cost no call of the others (${mode})`, async () => {
    await using nats = await startNatsServer();
    const runs = new Map<string, number>();
    const services = [worker((id) => runs.set(id, (runs.get(id) ?? 0) + 1))];
    await using one = await startNode('one', nats.url, { services, broker });
    await using _two = await startNode('two', nats.url, { services, broker });
    await using client = await startNode('client', nats.url, { broker });
    await untilCallable(client, 'worker.read', 2);
    const load = startLoad(client.broker, { everyMs: 4 });
    for (let i = 0; i < 60; i++) {
      const service = one.broker.createService({
        name: `passing-${i}`,
        actions: { x: idle },
        events: { 'a.b': idle },
      });
      await untilCallable(client, `passing-${i}.x`);
      await one.broker.destroyService(service);
    }
    const outcomes = await load.stop();
    expect(outcomes.length).toBeGreaterThan(60);
    expect([...failures(outcomes, 'worker.read'), ...failures(outcomes, 'worker.write')]).toEqual([]);
    expect([...runs].filter(([, count]) => count > 1)).toEqual([]);
  });

  test(`a node that stops gracefully under load loses nothing (${mode})`, async () => {
    await using nats = await startNatsServer();
    const runs = new Map<string, number>();
    const services = [worker((id) => runs.set(id, (runs.get(id) ?? 0) + 1))];
    await using _one = await startNode('one', nats.url, { services, broker });
    const two = await startNode('two', nats.url, { services, broker });
    await using client = await startNode('client', nats.url, { broker });
    await untilCallable(client, 'worker.read', 2);
    const short = startLoad(client.broker, { everyMs: 4 });
    const long = startLoad(client.broker, { everyMs: 30, ms: 700, actions: ['worker.write'] });
    await until('calls are under way', () => short.started > 100);
    await two.stop();
    const before = short.started;
    await until('calls go on', () => short.started > before + 50);
    const outcomes = [...(await short.stop()), ...(await long.stop())];
    expect([...failures(outcomes, 'worker.read'), ...failures(outcomes, 'worker.write')]).toEqual([]);
    expect([...runs].filter(([, count]) => count > 1)).toEqual([]);
  });

  test(`a service is announced only when its node can be called (${mode})`, async () => {
    await using nats = await startNatsServer();
    await using client = await startNode('client', nats.url, { broker });
    for (let i = 0; i < 5; i++) {
      await using _server = await startNode(`server-${i}`, nats.url, { services: [worker(idle)], broker });
      await untilCallable(client, 'worker.write');
      await expect(client.broker.call('worker.write', { id: 'x' }, { retries: 0 })).resolves.toBe(
        `x@server-${i}`,
      );
    }
  });
}

test('under NATS balancing a newcomer that asks is told only of what it can call', async () => {
  await using nats = await startNatsServer();
  // So long a debounce that the broadcast, on which Moleculer makes its queue subscriptions, never comes.
  const broker = { disableBalancer: true, transit: { serviceChangedDebounceTime: 600_000 } as object };
  await using server = await startNode('server', nats.url, { services: [worker(idle)], broker });
  await using client = await startNode('client', nats.url, { broker });
  for (const node of [server, client])
    (node.broker.localServiceChanged as unknown as { cancel(): void }).cancel();
  await untilCallable(client, 'worker.write');
  const call = client.broker.call('worker.write', { id: 'x' }, { retries: 0 });
  await expect(call).resolves.toBe('x@server');
});

test('a call that timed out leaves nothing behind that a graceful stop would wait for', async () => {
  await using nats = await startNatsServer();
  const hanging = { name: 'hanging', actions: { call: () => new Promise(() => undefined) } };
  const tracking = { enabled: false };
  await using _server = await startNode('server', nats.url, { services: [hanging], broker: { tracking } });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'hanging.call');
  const call = client.broker.call('hanging.call', {}, { timeout: 100 });
  await expect(call).rejects.toMatchObject({ type: 'REQUEST_TIMEOUT', data: { nodeID: 'server' } });
  await client.broker.call('$node.health');
  expect((client.broker as unknown as { _trackedContexts: unknown[] })._trackedContexts).toEqual([]);
  expect(client.broker.transit?.pendingRequests.size).toBe(0);
});

test('streams go both ways', async () => {
  await using nats = await startNatsServer();
  const shout = {
    name: 'shout',
    actions: {
      loud: (ctx: Context) =>
        Readable.from(ctx.stream as Readable).map((c: Buffer) => c.toString().toUpperCase()),
    },
  };
  await using _server = await startNode('server', nats.url, {
    services: [shout as unknown as ServiceSchema],
  });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'shout.loud');
  const stream = Readable.from(
    ['a'.repeat(1_000), 'b'.repeat(1_000)].map((s) => Buffer.from(s)),
    { objectMode: false },
  );
  const answer = await client.broker.call<Readable, object>('shout.loud', {}, { stream });
  expect(await text(answer)).toBe('A'.repeat(1_000) + 'B'.repeat(1_000));
});

test('a node with the stock transporter shares the mesh, both ways', async () => {
  await using nats = await startNatsServer();
  const heard: string[] = [];
  const stockOnly = { name: 'old', actions: { hi: () => 'hi from stock' } };
  const services = [stockOnly, listener('mail', heard)];
  await using old = await startNode('old', stock(nats.url), { services, broker: { middlewares: [] } });
  await using ours = await startNode('ours', nats.url, { services: [worker(idle)] });
  await untilCallable(ours, 'old.hi');
  await untilCallable(old, 'worker.read');
  await expect(ours.broker.call('old.hi')).resolves.toBe('hi from stock');
  await expect(old.broker.call('worker.read', { id: '1' })).resolves.toBe('1@ours');
  await ours.broker.emit('order.placed');
  await until('the event', () => heard.length === 1);
  await ours.stop();
  await until('it saw us leave', () => old.broker.registry.nodes.get('ours')?.available === false);
});

test('a stop right after a service was created still takes the node out of rotation', async () => {
  await using nats = await startNatsServer();
  await using client = await startNode('client', nats.url);
  const node = await startNode('node', nats.url);
  node.broker.createService({ name: 'late', actions: { x: idle } });
  await until('announced', () => client.broker.registry.getActionEndpoints('late.x')?.count() === 1);
  node.broker.createService({ name: 'later', actions: { x: idle } });
  const services: number[] = [];
  client.broker.localBus.on('$node.updated', ({ node: n }: { node: { services: unknown[] } }) =>
    services.push(n.services.length),
  );
  await node.stop();
  await until('its goodbye', () => client.broker.registry.nodes.get('node')?.available === false);
  expect(services.at(-1)).toBe(0);
});

test('one node has one connection, named after it', async () => {
  await using nats = await startNatsServer({ config: monitored });
  await using _node = await startNode('some-node', nats.url);
  // The look whether the server accepts connections was one, too, and has no name.
  await until('the other has ended', async () => !(await connectionsOf(nats)).some((name) => !name));
  expect(await connectionsOf(nats)).toEqual(['some-node']);
});
