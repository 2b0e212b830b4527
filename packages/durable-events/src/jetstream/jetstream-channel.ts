import { type ConnectionOptions, connect, type NatsConnection } from 'nats';
import { attemptOptions } from '../attempt.ts';
import type { Channel, GroupOptions, Handler, Logger, Message, Subscription } from '../channel.ts';
import { DurableEventError } from '../errors.ts';
import { closed, createServerChannel } from '../server-channel.ts';
import { MAX_MESSAGE_BYTES } from '../validate.ts';
import { createDeadLetters, DEAD_LETTER_ROOM } from './dead-letters.ts';
import { durabilityWarnings } from './durability.ts';
import { createGroups } from './groups.ts';
import { createNames, partitionOf } from './names.ts';
import { PartitionConsumer } from './partition-consumer.ts';
import { NO_STREAM, NotStored, Publisher } from './publisher.ts';
import { createTopology } from './topology.ts';
import { toHeaders } from './wire.ts';

export interface JetStreamChannelOptions {
  /** How to reach NATS: `servers`, credentials, TLS. Reconnects for ever unless it says otherwise. */
  readonly connection: ConnectionOptions;
  /** Keeps the streams of several meshes on one NATS apart. `events` by default. */
  readonly namespace?: string;
  /**
   * How many keys a group handles at once, over all its members; the others of a busy partition wait. 8 by default.
   * Counts when a stream is made; an existing stream keeps its own, since order per key hangs on it.
   */
  readonly partitions?: number;
  /** Copies of each new stream; 3 in a cluster. 1 by default. */
  readonly replicas?: number;
  /** ms after which a member that gave no sign is taken for dead and its message goes to another. 5 000 by default. */
  readonly ackWait?: number;
  /** http://host:8222 of a server; lets the start check that it syncs before it acknowledges. */
  readonly monitoringUrl?: string;
  readonly logger?: Logger;
}

/**
 * Connects, and warns of settings with which JetStream loses what it acknowledged.
 * A group handles one message per partition at a time, so that keys share the fate of their partition while one of them
 * fails. The history is kept for ever unless the stream is given limits.
 */
export async function createJetStreamChannel(options: JetStreamChannelOptions): Promise<Channel> {
  const { partitions = 8, replicas = 1, ackWait = 5_000, logger } = options;
  const names = createNames(options.namespace ?? 'events');
  const connection = await connect({
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    // A stack trace made for each publish, should it fail, is a tenth of its cost.
    noAsyncTraces: true,
    ...options.connection,
  });
  const jsm = await connection.jetstreamManager().catch(async (error) => {
    await connection.close();
    throw new DurableEventError('CHANNEL_UNAVAILABLE', 'NATS answers, but JetStream is not enabled', {
      cause: error,
    });
  });
  const js = connection.jetstream();
  const publisher = new Publisher(connection, options.connection.inboxPrefix);
  const topology = createTopology(jsm, names, { partitions, replicas, ackWait });
  const letters = createDeadLetters(js, jsm, names, topology);
  const groups = createGroups(jsm, names, topology);
  for (const warning of await durabilityWarnings(connection, {
    replicas,
    monitoringUrl: options.monitoringUrl,
  }))
    logger?.warn(warning);

  const consumers = new Set<PartitionConsumer>();
  void pullAfterReconnect(connection, consumers);

  const store = async (event: string, message: Message): Promise<void> => {
    const attempt = async () => {
      const partition = partitionOf(message.key, await topology.partitions(event));
      await publisher.publish(
        names.published(event, partition),
        message.data,
        toHeaders(message, message.id),
      );
    };
    try {
      await attempt().catch(async (error: unknown) => {
        if (!(error instanceof NotStored) || error.code !== NO_STREAM) throw error;
        topology.forget(event);
        await attempt();
      });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DurableEventError('CHANNEL_UNAVAILABLE', `${event} ${message.id} was not confirmed: ${why}`, {
        cause,
      });
    }
  };

  const subscribe = async (
    isClosing: () => boolean,
    event: string,
    group: string,
    handler: Handler,
    given: GroupOptions = {},
  ) => {
    const from = given.from ?? 'first';
    const count = await topology.partitions(event);
    const mine = await Promise.all(
      Array.from({ length: count }, async (_, partition) => {
        const restore = async () => {
          topology.forget(event);
          await topology.partitions(event);
          return topology.consumer(event, group, partition, from);
        };
        const unstick = (seq: number) => topology.unstick(event, group, partition, seq);
        return { partition, restore, unstick, ...(await topology.consumer(event, group, partition, from)) };
      }),
    );
    if (isClosing()) throw closed();
    const started = mine.map(
      ({ partition, ackWait, restore, unstick }) =>
        new PartitionConsumer({
          ...{ connection, event, group, handler, ackWait, restore, unstick, logger },
          inboxPrefix: options.connection.inboxPrefix,
          stream: names.stream(event),
          consumer: names.consumer(group, partition),
          attempt: attemptOptions(given),
          bury: (message, info, reason) => letters.bury(event, group, message, info, reason),
        }),
    );
    for (const consumer of started) consumers.add(consumer);
    const subscription: Subscription = {
      async stop({ drainTimeout = 30_000 } = {}) {
        await Promise.all(started.map((consumer) => consumer.stop(drainTimeout)));
        for (const consumer of started) consumers.delete(consumer);
        if (!connection.isClosed()) await connection.flush();
      },
    };
    return subscription;
  };

  return createServerChannel((isClosing) => ({
    ...{ replays: true, dedupes: true, deadLetters: letters },
    maxBytes: () => (connection.info?.max_payload ?? MAX_MESSAGE_BYTES) - DEAD_LETTER_ROOM,
    publish: store,
    subscribe: (event, group, handler, given) => subscribe(isClosing, event, group, handler, given),
    forget: (event, group) => groups.forget(event, group),
    groups: (query) => groups.list(query),
    stop: (drainTimeout) => Promise.allSettled([...consumers].map((consumer) => consumer.stop(drainTimeout))),
    // Acknowledgements are on their way only: drain waits until the server has them.
    disconnect: () => connection.drain().catch(() => connection.close()),
  }));
}

/** The server forgot the requests of the old connection; without this each would be missed only after two heartbeats. */
async function pullAfterReconnect(
  connection: NatsConnection,
  consumers: Set<PartitionConsumer>,
): Promise<void> {
  for await (const { type } of connection.status())
    if (type === 'reconnect') for (const consumer of consumers) consumer.pull();
}
