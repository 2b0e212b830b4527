import type { Context, Middleware, Service, ServiceBroker } from 'moleculer';
import type { Channel, GroupOptions, Logger, Subscription } from '../channel.ts';
import { DurableEventError } from '../errors.ts';
import { type CloudEvent, fromMessage, toMessage } from '../event/cloud-event.ts';
import { createReader, type EventType, type Versions } from '../event/event-type.ts';
import { createEventContext, type EventLocals, originOf } from './context.ts';

/** One entry of a service's `channels`: what it does with the durable events of one type. */
export interface ChannelHandler<T = unknown> extends GroupOptions {
  /** Shares the events among its members. The service's full name by default, so that replicas share. */
  readonly group?: string;
  /** The versions it understands. Any other, and whatever does not fit, becomes a dead letter with the reason. */
  readonly versions: Versions;
  /**
   * `ctx.params` is the payload, `ctx.locals` has the event; caller and trace are the publisher's, as in a call.
   * `this` is the service. Resolves: handled. Rejects: tried again later; with a PermanentError: a dead letter.
   */
  handler(this: Service, ctx: Context<T, object, EventLocals>): Promise<unknown>;
}

export type Channels = Readonly<Record<string, ChannelHandler>>;

export interface DurableEventsOptions {
  /** Opens the broker's channel; awaited before its services start. */
  readonly open: (logger: Logger) => Channel | Promise<Channel>;
  /** ms to wait for running handlers when a service or the broker stops. 30 000 by default. */
  readonly drainTimeout?: number;
}

const channels = new WeakMap<ServiceBroker, Channel>();

/**
 * Serves `channels: { 'order.placed': { versions, handler(ctx) } }` of every service of the broker.
 * Subscribes when the service has started and drains when it stops, before its own `stopped`; closes the channel last.
 */
export function DurableEvents({ open, drainTimeout = 30_000 }: DurableEventsOptions): Middleware {
  const subscriptions = new Map<Service, Subscription[]>();
  return {
    name: 'DurableEvents',
    async starting(broker) {
      channels.set(broker, await open(broker.logger));
    },
    async serviceStarted(service) {
      const own: Subscription[] = [];
      subscriptions.set(service, own);
      for (const [type, entry] of Object.entries((service.schema as { channels?: Channels }).channels ?? {}))
        own.push(await subscribe(service, type, entry));
    },
    async serviceStopping(service) {
      const own = subscriptions.get(service) ?? [];
      subscriptions.delete(service);
      await Promise.all(own.map((subscription) => subscription.stop({ drainTimeout })));
    },
    async stopped(broker) {
      await channels.get(broker)?.close({ drainTimeout });
    },
  };
}

/** @throws DurableEventError CHANNEL_CLOSED when the broker has none, or not yet. */
export function channelOf(broker: ServiceBroker): Channel {
  const channel = channels.get(broker);
  if (channel) return channel;
  throw new DurableEventError(
    'CHANNEL_CLOSED',
    'the broker has no open channel: is the DurableEvents middleware there, and the broker started?',
  );
}

/**
 * Publishes on behalf of `ctx`: caller, trace and causation go along. Resolves when the event is stored.
 *
 * Beside a database write this loses the event, or publishes what was rolled back: use an outbox there.
 */
export async function publish<T>(ctx: Context, type: EventType<T>, data: T): Promise<CloudEvent<T>> {
  const event = type.create(data, originOf(ctx));
  await channelOf(ctx.broker).publish(event.type, toMessage(event));
  return event;
}

function subscribe(service: Service, type: string, entry: ChannelHandler): Promise<Subscription> {
  const read = createReader(type, entry.versions);
  const group = entry.group ?? service.fullName;
  return channelOf(service.broker).subscribe(
    type,
    group,
    async ({ message, attempt }) => {
      const event = fromMessage(message);
      read(event);
      const ctx = createEventContext(service.broker, service, event, { event, attempt, group });
      await entry.handler.call(service, ctx);
    },
    entry,
  );
}
