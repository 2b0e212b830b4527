/** Durable events in a test: one memory channel that all brokers of a mesh share. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Middleware, ServiceBroker } from 'moleculer';
import { type Channel, createMemoryChannel, type Lag } from 'moleculer-durable-events';
import { eventMiddlewares } from '../../broker/event-channel.ts';

export interface TestEvents extends AsyncDisposable {
  /** What is published and handled here is waited for, too. */
  readonly channel: Channel;
  /** For the options of every broker. */
  readonly middlewares: Middleware[];
  /**
   * Resolves when no outbox of the mesh holds an event, and every group that has members has handled every event or put it aside.
   * A handler that is tried again is waited for.
   */
  handled(broker: ServiceBroker): Promise<void>;
}

export function createTestEvents(): TestEvents {
  const channel = createMemoryChannel();
  const published = new Map<string, Set<string>>();
  const groups = new Map<string, { readonly event: string; readonly done: Set<string>; members: number }>();
  const watched: Channel = {
    ...channel,
    async publish(event, message) {
      await channel.publish(event, message);
      const ids = published.get(event) ?? new Set();
      published.set(event, ids.add(message.id));
    },
    async subscribe(event, name, handler, options) {
      // A group that begins at the next message never gets those of before.
      const behind = options?.from === 'next' ? published.get(event) : undefined;
      const group = groups.get(`${event} ${name}`) ?? { event, done: new Set(behind), members: 0 };
      groups.set(`${event} ${name}`, group);
      group.members += 1;
      const subscription = await channel.subscribe(
        event,
        name,
        async (delivery) => {
          await handler(delivery);
          group.done.add(delivery.message.id);
        },
        options,
      );
      return {
        async stop(given) {
          await subscription.stop(given);
          group.members -= 1;
        },
      };
    },
    // A broker that stops must not take the channel of the others along.
    close: async () => {},
  };
  const waiting = async (broker: ServiceBroker): Promise<boolean> => {
    for (const { name } of broker.registry.actions.list({ onlyAvailable: true }))
      if (name.endsWith('.outbox') && (await broker.call<Lag>(name)).waiting > 0) return true;
    const dead = await channel.deadLetters.list({ limit: 1_000 });
    for (const letter of dead) groups.get(`${letter.event} ${letter.group}`)?.done.add(letter.message.id);
    return [...groups.values()].some(
      ({ event, done, members }) => members > 0 && done.size < (published.get(event)?.size ?? 0),
    );
  };
  return {
    channel: watched,
    middlewares: eventMiddlewares({ open: () => watched }),
    async handled(broker) {
      const count = () => [...published.values()].reduce((sum, { size }) => sum + size, 0);
      for (let before = -1; before !== count() || (await waiting(broker)); ) {
        before = count();
        // A handler may end, and leave an event behind, between the look at its outbox and the look at the groups.
        while (await waiting(broker)) await delay(2);
      }
    },
    [Symbol.asyncDispose]: () => channel.close(),
  };
}
