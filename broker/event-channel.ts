/** What carries a broker's durable events: a SQLite file of this process, or JetStream for all nodes of a mesh. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Middleware } from 'moleculer';
import {
  type Channel,
  channelService,
  createJetStreamChannel,
  createSqliteChannel,
  DurableEvents,
  type DurableEventsOptions,
  deadLetterService,
  type Logger,
} from 'moleculer-durable-events';
import { connectionOptions, type NatsTransporterOptions } from 'moleculer-nats-transporter';
import type { EventsConfig } from '../config.ts';

/** Long enough that a node which finds its NATS says nothing. */
const SAY_SO_AFTER_MS = 2_000;

/**
 * What a broker needs whose services publish or handle durable events: the channel, opened before they start and closed
 * when they have drained, `deadLetters.list`, `.read`, `.replay` and `.discard`, and `channels.groups` and `.forget`, which any such node answers.
 */
export function eventMiddlewares(options: DurableEventsOptions): Middleware[] {
  const services: Middleware = {
    name: 'ChannelServices',
    created(broker) {
      broker.createService(deadLetterService);
      broker.createService(channelService);
    },
  };
  return [DurableEvents(options), services];
}

/**
 * Rejects when the file is another process's, or NATS has no JetStream. While NATS is away it waits, as the transporter
 * does, and says so.
 *
 * @param nats how to reach NATS; read for JetStream only.
 */
export async function openChannel(
  config: EventsConfig,
  nats: NatsTransporterOptions,
  namespace: string,
  logger: Logger,
): Promise<Channel> {
  if (config.kind === 'sqlite') {
    await mkdir(dirname(config.path), { recursive: true });
    return createSqliteChannel({ path: config.path, logger });
  }
  const connection = { ...connectionOptions(nats, 'durable-events'), waitOnFirstConnect: true };
  const servers = [connection.servers ?? []].flat().join(', ');
  const waiting = setTimeout(
    () => logger.warn(`durable events wait for NATS at ${servers}`),
    SAY_SO_AFTER_MS,
  );
  try {
    return await createJetStreamChannel({
      connection,
      namespace: streamPrefix(namespace),
      replicas: config.replicas,
      ...(config.monitoringUrl !== undefined && { monitoringUrl: config.monitoringUrl }),
      logger,
    });
  } finally {
    clearTimeout(waiting);
  }
}

/** Streams take letters, digits and dashes. */
const streamPrefix = (namespace: string): string =>
  namespace === '' ? 'events' : `${namespace.replace(/[^A-Za-z0-9]/g, '-')}-events`;
