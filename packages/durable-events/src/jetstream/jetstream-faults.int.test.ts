import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from 'nats';
import { type NatsServer, startNatsServer } from '../../../../scripts/infra/nats.ts';
import { createLog } from '../../test/log.ts';
import type { Channel, Delivery, Message } from '../channel.ts';
import { PermanentError } from '../errors.ts';
import { fromMessage } from '../event/cloud-event.ts';
import { createGate, createRecorder, type Recorder } from '../testing/recorder.ts';
import { createJetStreamChannel, type JetStreamChannelOptions } from './jetstream-channel.ts';

let nats: NatsServer;
beforeAll(async () => {
  nats = await startNatsServer({ jetStream: true });
});
afterAll(async () => nats[Symbol.asyncDispose]());

/** Longer than the machine may stall: nothing is delivered again but what a test means to be. */
const open = (options: Partial<JetStreamChannelOptions> = {}): Promise<Channel> =>
  createJetStreamChannel({
    connection: { servers: nats.url, reconnectTimeWait: 50 },
    ackWait: 20_000,
    ...options,
  });
/** Where a test waits for it; whatever is handled may then come again when the machine stalls. */
const quick = { ackWait: 500 };
async function untilSeen(seen: Recorder, id: string): Promise<void> {
  while (!seen.ids().includes(id)) await seen.until(seen.deliveries.length + 1);
}
const message = (id: string, key = 'k'): Message => ({ id, key, headers: {}, data: new Uint8Array(10) });

test('the message of a member that is killed goes to another, as a second attempt and before those behind it', async () => {
  const namespace = randomUUID();
  await using channel = await open({ namespace, ...quick });
  const fixture = fileURLToPath(new URL('./hold-one.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, [fixture, nats.url, namespace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await channel.publish('order.placed', message('a'));
  await channel.publish('order.placed', message('b'));
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  const seen = createRecorder();
  await channel.subscribe('order.placed', 'mails', seen.handler);
  await untilSeen(seen, 'b');
  expect([...new Set(seen.ids())]).toEqual(['a', 'b']);
  expect(seen.deliveries[0]?.attempt).toBeGreaterThan(1);
});

test('a publish into an outage is reported; tried again with its id it is stored once, and groups go on', async () => {
  await using own = await startNatsServer({ jetStream: true });
  await using channel = await open({
    connection: { servers: own.url, reconnectTimeWait: 50 },
    ...quick,
  });
  const seen = createRecorder();
  await channel.subscribe('order.placed', 'mails', seen.handler);
  await channel.publish('order.placed', message('a'));
  await seen.until(1);
  await own.stop('SIGKILL');
  await expect(channel.publish('order.placed', message('b'))).rejects.toMatchObject({
    code: 'CHANNEL_UNAVAILABLE',
  });
  await own.start();
  const published = async (id: string): Promise<void> =>
    channel.publish('order.placed', message(id)).catch(() => delay(20).then(() => published(id)));
  await published('b');
  await published('c');
  await untilSeen(seen, 'c');
  // What was acknowledged just before the kill may come again; nothing may overtake or be missing.
  expect([...new Set(seen.ids())]).toEqual(['a', 'b', 'c']);
});

test('a message whose dead letter cannot be stored stays, holds its key, and is not lost', async () => {
  const namespace = randomUUID();
  const log = createLog();
  await using channel = await open({ namespace, logger: log.logger });
  const seen = createRecorder(({ message: { id } }) => {
    if (id === 'a') throw new PermanentError('NO', 'no');
  });
  const connection = await connect({ servers: nats.url });
  const jsm = await connection.jetstreamManager();
  const name = `${namespace}-dead-letters`;
  await jsm.streams.add({ name, subjects: [`${namespace}-dead.*.*`], max_msg_size: 1 });
  await channel.subscribe('order.placed', 'mails', seen.handler);
  await channel.publish('order.placed', message('a'));
  await channel.publish('order.placed', message('b'));
  await log.until('its dead letter could not be stored');
  expect(seen.ids()).not.toContain('b');
  await jsm.streams.update(name, { max_msg_size: -1 });
  await connection.close();
  await untilSeen(seen, 'b');
  await expect(channel.deadLetters.list()).resolves.toMatchObject([
    { message: { id: 'a' }, reason: { code: 'NO' } },
  ]);
});

test('stopping gives back a message whose dead letter cannot be stored', async () => {
  const namespace = randomUUID();
  const log = createLog();
  const channel = await open({ namespace, logger: log.logger, ...quick });
  const connection = await connect({ servers: nats.url });
  const jsm = await connection.jetstreamManager();
  const name = `${namespace}-dead-letters`;
  await jsm.streams.add({ name, subjects: [`${namespace}-dead.*.*`], max_msg_size: 1 });
  await channel.subscribe('order.placed', 'mails', async () => {
    throw new PermanentError('NO', 'no');
  });
  await channel.publish('order.placed', message('a'));
  await log.until('its dead letter could not be stored');
  await channel.close();
  await jsm.streams.delete(name);
  await connection.close();
  await using other = await open({ namespace });
  const seen = createRecorder();
  await other.subscribe('order.placed', 'mails', seen.handler);
  await seen.until(1);
  expect(seen.ids()[0]).toBe('a');
});

test('order per key holds while members come and go', async () => {
  const namespace = randomUUID();
  const channels = await Promise.all([1, 2, 3].map(() => open({ namespace, ...quick })));
  const [publisher] = channels as [Channel];
  const handled = new Map<string, number[]>();
  const running = new Map<string, number>();
  const overlaps: string[] = [];
  let distinct = 0;
  const handler = async ({ message: { id, key } }: Delivery) => {
    const n = Number(id.slice(1));
    const seen = handled.get(key) ?? [];
    handled.set(key, seen);
    // As an inbox does: what a member got too late, when another had handled it, is passed over.
    if (seen.includes(n)) return;
    // The same message twice at once is a repeated delivery; two messages of one key at once are not allowed.
    if ((running.get(key) ?? n) !== n) overlaps.push(`${running.get(key)} and ${n}`);
    running.set(key, n);
    await delay(n % 3);
    if (!seen.includes(n)) {
      seen.push(n);
      distinct++;
    }
    running.delete(key);
  };
  const join = (channel: Channel) =>
    channel.subscribe('order.placed', 'mails', handler, { backoff: { initial: 5, max: 5 } });
  let members = await Promise.all(channels.map(join));
  const count = 400;
  const publishing = (async () => {
    for (let i = 0; i < count; i++) await publisher.publish('order.placed', message(`m${i}`, `k${i % 10}`));
  })();
  for (let i = 0; distinct < count; i++) {
    const [oldest, ...others] = members;
    await oldest?.stop();
    members = [...others, await join(channels[i % 3] ?? publisher)];
  }
  await publishing;
  await Promise.all(channels.map((channel) => channel.close()));
  expect(overlaps).toEqual([]);
  for (const seen of handled.values()) expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('the stream says how many partitions there are, whatever a process was told', async () => {
  const namespace = randomUUID();
  await using two = await open({ namespace, partitions: 2 });
  await using nine = await open({ namespace, partitions: 9 });
  const seen = createRecorder();
  await two.subscribe('order.placed', 'mails', seen.handler);
  for (let i = 0; i < 20; i++) await nine.publish('order.placed', message(`m${i}`, `k${i}`));
  await seen.until(20);
});

test('a consumer that was left with two messages at a time has one again after the next start', async () => {
  const namespace = randomUUID();
  await using channel = await open({ namespace, partitions: 1 });
  await (await channel.subscribe('order.placed', 'mails', async () => {})).stop();
  const connection = await connect({ servers: nats.url });
  const { consumers } = await connection.jetstreamManager();
  const of = [`${namespace}_order_placed`, 'mails_0'] as const;
  await consumers.update(...of, { max_ack_pending: 2 });
  await channel.subscribe('order.placed', 'mails', async () => {});
  await expect(consumers.info(...of)).resolves.toMatchObject({ config: { max_ack_pending: 1 } });
  await connection.close();
});

test('a consumer or stream deleted by somebody is made again, and the group goes on', async () => {
  const namespace = randomUUID();
  await using channel = await open({ namespace, partitions: 1 });
  const seen = createRecorder();
  await channel.subscribe('order.placed', 'mails', seen.handler, { from: 'next' });
  const connection = await connect({ servers: nats.url });
  const jsm = await connection.jetstreamManager();
  await jsm.consumers.delete(`${namespace}_order_placed`, 'mails_0');
  while ((await jsm.consumers.list(`${namespace}_order_placed`).next()).length === 0) await delay(20);
  await channel.publish('order.placed', message('a'));
  await seen.until(1);
  await jsm.streams.delete(`${namespace}_order_placed`);
  while (
    (
      await jsm.consumers
        .list(`${namespace}_order_placed`)
        .next()
        .catch(() => [])
    ).length === 0
  )
    await delay(20);
  await channel.publish('order.placed', message('b'));
  await seen.until(2);
  await connection.close();
});

test('a message that is on its way when a member stops is handled, by it or by the next', async () => {
  const namespace = randomUUID();
  await using channel = await open({ namespace, ...quick });
  const seen = createRecorder();
  let subscription = await channel.subscribe('order.placed', 'mails', seen.handler);
  for (let i = 0; i < 30; i++) {
    const published = channel.publish('order.placed', message(`m${i}`, `k${i}`));
    await subscription.stop();
    await published;
    subscription = await channel.subscribe('order.placed', 'mails', seen.handler);
  }
  while (new Set(seen.ids()).size < 30) await seen.until(seen.deliveries.length + 1);
  await expect(channel.deadLetters.list()).resolves.toEqual([]);
});

test('what a stranger puts into the stream is a dead letter with the reason, and the group goes on', async () => {
  const namespace = randomUUID();
  const log = createLog();
  await using channel = await open({ namespace, partitions: 1, logger: log.logger });
  const seen = createRecorder(({ message }) => {
    if (message.id !== 'b') fromMessage(message);
  });
  await channel.subscribe('order.placed', 'mails', seen.handler);
  const connection = await connect({ servers: nats.url });
  await connection.jetstream().publish(`${namespace}.order_placed.p.0`, 'not even an event');
  await connection.close();
  await channel.publish('order.placed', message('b'));
  await seen.until(2);
  await log.until('is a dead letter now');
  await expect(channel.deadLetters.list()).resolves.toMatchObject([
    { group: 'mails', attempts: 1, reason: { code: 'MALFORMED_EVENT' } },
  ]);
});

test('a NATS without JetStream is said to be one', async () => {
  await using plain = await startNatsServer();
  await expect(createJetStreamChannel({ connection: { servers: plain.url } })).rejects.toThrow(
    'JetStream is not enabled',
  );
});

test('a handler that outlives the connection does no harm', async () => {
  const channel = await open({ namespace: randomUUID() });
  const gate = createGate();
  const seen = createRecorder(() => gate.opened);
  await channel.subscribe('order.placed', 'mails', seen.handler);
  await channel.publish('order.placed', message('a'));
  await seen.until(1);
  await channel.close({ drainTimeout: 10 });
  gate.open();
  await delay(0);
});
