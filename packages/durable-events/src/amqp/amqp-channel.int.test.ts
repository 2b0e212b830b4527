import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RabbitMq, startRabbitMq } from '../../../../scripts/infra/rabbitmq.ts';
import type { Channel, Message } from '../channel.ts';
import { channelContract } from '../testing/channel-contract.ts';
import { createRecorder } from '../testing/recorder.ts';
import { createAmqpChannel } from './amqp-channel.ts';

describe('the AMQP channel', () => {
  let rabbit: RabbitMq;
  beforeAll(async () => {
    rabbit = await startRabbitMq();
  }, 120_000);
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
      longerThanAckWait: 0,
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
      channel.publish('order.placed', message(id)).catch(() => published(id));
    await published('b');
    await published('c');
    while (!seen.ids().includes('c')) await seen.until(seen.deliveries.length + 1);
    expect([...new Set(seen.ids())]).toEqual(['a', 'b', 'c']);
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
