import { type Channel as AmqpChannel, connect } from 'amqplib';
import { attemptOptions } from '../attempt.ts';
import type { Channel, DeadLetter, GroupOptions, Handler, Logger } from '../channel.ts';
import { settledWithin } from '../drain.ts';
import { DurableEventError } from '../errors.ts';
import { createServerChannel } from '../server-channel.ts';
import { MAX_MESSAGE_BYTES } from '../validate.ts';
import { createDeadLetters, newDeadLetterId } from './dead-letters.ts';
import { createGroups } from './groups.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { CONFIRM_MS, createSender } from './sender.ts';
import { createNames, partitionOf, toDeadProperties, toProperties } from './wire.ts';

export interface AmqpChannelOptions {
  /** amqp:// or amqps://, with credentials. */
  readonly url: string;
  /** Keeps several meshes on one server apart. `events` by default. */
  readonly namespace?: string;
  /**
   * How many keys a group handles at once. 8 by default. All processes must say the same; another number is refused.
   */
  readonly partitions?: number;
  readonly logger?: Logger;
}

/**
 * RabbitMQ (≥ 3.10), with quorum queues. Weaker than the contract in these: nothing is kept for groups that do not exist yet; the same
 * id twice is two messages; a retry's delay ends with the process; a partition's messages go to one member until that leaves.
 */
export async function createAmqpChannel(options: AmqpChannelOptions): Promise<Channel> {
  const { partitions = 8, logger } = options;
  const names = createNames(options.namespace ?? 'events');
  const recovery = { initialMaxRetries: 3, initialDelay: 100, maxDelay: 2_000 };
  const connection = await connect(options.url, { recovery });
  // One for each partition of each group: many are no leak.
  connection.setMaxListeners(0);
  connection.on('error', (error) => logger?.warn('AMQP:', error.message));
  connection.on('disconnect', (error) => logger?.warn('AMQP connection lost:', error?.message));

  const consumers = new Set<QueueConsumer>();
  const send = createSender(connection, logger);
  const sendDead = createSender(connection, logger);

  const declareExchange = async (channel: AmqpChannel, event: string) => {
    await channel.assertExchange(names.exchange(event), 'direct', { durable: true });
    // Nobody ever uses this queue. RabbitMQ compares a queue's known arguments (and nothing of an exchange's), so that
    // a process with another number of partitions is refused before it breaks the order.
    await channel.assertQueue(names.partitions(event), {
      durable: true,
      arguments: { 'x-max-length': partitions },
    });
  };

  const bury = (letter: DeadLetter) =>
    sendDead({
      exchange: '',
      routingKey: names.dead,
      data: letter.message.data,
      properties: toDeadProperties(letter),
      declare: { name: names.dead, run: (channel) => channel.assertQueue(names.dead, { durable: true }) },
    });
  const deadLetters = createDeadLetters(connection, names.dead, ({ event, group, message }) => {
    const queue = names.queue(event, group, partitionOf(message.key, partitions));
    return sendDead({
      exchange: '',
      routingKey: queue,
      data: message.data,
      properties: toProperties(message),
      // A message for a queue that is gone would be confirmed, and nowhere.
      declare: { name: queue, run: (channel) => channel.checkQueue(queue) },
    });
  });

  const groups = createGroups(connection, names, partitions, deadLetters);

  const subscribe = async (event: string, group: string, handler: Handler, given: GroupOptions = {}) => {
    if (given.from === 'first')
      throw new DurableEventError(
        'REPLAY_NOT_SUPPORTED',
        'AMQP keeps no history: a group begins at the next message',
      );
    const mine = Array.from({ length: partitions }, (_, partition) => {
      const queue = names.queue(event, group, partition);
      return new QueueConsumer({
        ...{ connection, event, group, queue, handler, logger },
        attempt: attemptOptions(given),
        async declare(channel) {
          await declareExchange(channel, event);
          const type = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true };
          await channel.assertQueue(queue, { durable: true, arguments: type });
          await channel.bindQueue(queue, names.exchange(event), String(partition));
        },
        bury: (message, attempts, reason) => {
          const now = Date.now();
          return bury({ id: newDeadLetterId(now), event, group, message, attempts, reason, diedAt: now });
        },
      });
    });
    for (const consumer of mine) consumers.add(consumer);
    groups.know(event, group);
    await Promise.all(mine.map((consumer) => consumer.start()));
    return {
      async stop({ drainTimeout = 30_000 } = {}) {
        await Promise.all(mine.map((consumer) => consumer.stop(drainTimeout)));
        for (const consumer of mine) consumers.delete(consumer);
      },
    };
  };

  return createServerChannel(() => ({
    ...{ replays: false, dedupes: false, deadLetters, subscribe },
    maxBytes: () => MAX_MESSAGE_BYTES,
    publish: (event, message) =>
      send({
        exchange: names.exchange(event),
        routingKey: String(partitionOf(message.key, partitions)),
        data: message.data,
        properties: toProperties(message),
        declare: { name: event, run: (channel) => declareExchange(channel, event) },
      }),
    forget: (event, group) => groups.forget(event, group),
    groups: (query) => groups.list(query),
    stop: (drainTimeout) => Promise.allSettled([...consumers].map((consumer) => consumer.stop(drainTimeout))),
    // A server whose queue hangs may never answer.
    disconnect: () => settledWithin([connection.close()], CONFIRM_MS),
  }));
}
