import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'amqplib';
import { type RabbitMq, startRabbitMq } from '../../../../scripts/infra/rabbitmq.ts';
import { createLog } from '../../test/log.ts';
import type { Channel, Message } from '../channel.ts';
import { PermanentError } from '../errors.ts';
import { fromMessage } from '../event/cloud-event.ts';
import { channelContract } from '../testing/channel-contract.ts';
import { createRecorder } from '../testing/recorder.ts';
import { createAmqpChannel } from './amqp-channel.ts';

const skip = process.env.SKIP_RABBITMQ === '1' && process.env.CI !== 'true';
if (skip) process.stderr.write('\nNOT RUN: the AMQP channel on RabbitMQ (SKIP_RABBITMQ=1)\n');

(skip ? describe.skip : describe)('the AMQP channel', () => {
  let rabbit: RabbitMq;
  beforeAll(async () => {
    rabbit = await startRabbitMq();
  });
  afterAll(async () => rabbit[Symbol.asyncDispose]());

  channelContract(async () => {
    const namespace = randomUUID();
    const open: Channel[] = [];
    return {
      async connect() {
        const channel = await createAmqpChannel({ url: rabbit.url, namespace });
        open.push(channel);
        return channel;
      },
      hasAckWait: false,
      survivesClose: true,
      async [Symbol.asyncDispose]() {
        await Promise.all(open.map((channel) => channel.close()));
      },
    };
  });

  const message = (id: string): Message => ({ id, key: 'k', headers: {}, data: new Uint8Array(10) });

  test('a publish into an outage is reported, and groups go on after it', async () => {
    await using channel = await createAmqpChannel({ url: rabbit.url, namespace: randomUUID() });
    const seen = createRecorder();
    await channel.subscribe('order.placed', 'mails', seen.handler);
    await channel.publish('order.placed', message('a'));
    await seen.until(1);
    // Not SIGKILL: RabbitMQ 3.10 forgets quorum queues that were declared in the seconds before it.
    await rabbit.stop('SIGTERM');
    await expect(channel.publish('order.placed', message('b'))).rejects.toMatchObject({
      code: 'CHANNEL_UNAVAILABLE',
    });
    await rabbit.start();
    const published = (id: string): Promise<void> =>
      channel.publish('order.placed', message(id)).catch(() => delay(20).then(() => published(id)));
    await published('b');
    await published('c');
    while (!seen.ids().includes('c')) await seen.until(seen.deliveries.length + 1);
    expect([...new Set(seen.ids())]).toEqual(['a', 'b', 'c']);
  });

  test('what a member held when it went away goes to another, as a second attempt and before those behind it', async () => {
    const namespace = randomUUID();
    const first = await createAmqpChannel({ url: rabbit.url, namespace });
    const never = createRecorder(() => new Promise(() => {}));
    await first.subscribe('order.placed', 'mails', never.handler);
    await first.publish('order.placed', message('a'));
    await first.publish('order.placed', message('b'));
    await never.until(1);
    await using second = await createAmqpChannel({ url: rabbit.url, namespace });
    const seen = createRecorder();
    await second.subscribe('order.placed', 'mails', seen.handler);
    await first.close({ drainTimeout: 10 });
    await seen.until(2);
    expect(seen.deliveries.map(({ message: { id }, attempt }) => `${id}${attempt}`)).toEqual(['a2', 'b1']);
  });

  test('a message whose dead letter cannot be stored stays, holds its key, and is not lost', async () => {
    const namespace = randomUUID();
    const log = createLog();
    await using channel = await createAmqpChannel({
      url: rabbit.url,
      namespace,
      logger: log.logger,
    });
    const seen = createRecorder(({ message: { id } }) => {
      if (id === 'a') throw new PermanentError('NO', 'no');
    });
    // A queue of that name with other properties: the channel's own declaration is refused.
    const connection = await connect(rabbit.url);
    const raw = await connection.createChannel();
    await raw.assertQueue(`${namespace}/dead-letters`, { durable: true, arguments: { 'x-max-length': 1 } });
    await channel.subscribe('order.placed', 'mails', seen.handler);
    await channel.publish('order.placed', message('a'));
    await channel.publish('order.placed', message('b'));
    await log.until('its dead letter could not be stored');
    expect(seen.ids()).not.toContain('b');
    await raw.deleteQueue(`${namespace}/dead-letters`);
    await connection.close();
    while (!seen.ids().includes('b')) await seen.until(seen.deliveries.length + 1);
    await expect(channel.deadLetters.list()).resolves.toMatchObject([
      { message: { id: 'a' }, reason: { code: 'NO' } },
    ]);
  });

  test('what a stranger puts into the queue is a dead letter with the reason, and the group goes on', async () => {
    const namespace = randomUUID();
    const log = createLog();
    await using channel = await createAmqpChannel({
      ...{ url: rabbit.url, namespace, partitions: 1, logger: log.logger },
    });
    const seen = createRecorder(({ message }) => {
      if (message.id !== 'b') fromMessage(message);
    });
    await channel.subscribe('order.placed', 'mails', seen.handler);
    const connection = await connect(rabbit.url);
    const raw = await connection.createConfirmChannel();
    raw.publish(`${namespace}.order.placed`, '0', Buffer.from('not even an event'));
    await raw.waitForConfirms();
    await connection.close();
    await channel.publish('order.placed', message('b'));
    await seen.until(2);
    await log.until('is a dead letter now');
    await expect(channel.deadLetters.list()).resolves.toMatchObject([
      { group: 'mails', attempts: 1, reason: { code: 'MALFORMED_EVENT' } },
    ]);
  });

  test('another number of partitions is refused', async () => {
    const namespace = randomUUID();
    await using eight = await createAmqpChannel({ url: rabbit.url, namespace });
    await eight.publish('order.placed', message('a'));
    await using two = await createAmqpChannel({ url: rabbit.url, namespace, partitions: 2 });
    await expect(two.publish('order.placed', message('b'))).rejects.toMatchObject({
      code: 'CHANNEL_UNAVAILABLE',
      message: expect.stringContaining('PRECONDITION_FAILED'),
    });
  });
});
