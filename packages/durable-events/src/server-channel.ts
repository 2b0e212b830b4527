import type { Channel, Handler, Message, Subscription } from './channel.ts';
import { DurableEventError } from './errors.ts';
import { checkEventName, checkGroupName, checkMessage } from './validate.ts';

/** What is a server's own about a channel: names and messages that come here are valid, and nothing comes after the close. */
export interface ServerChannelParts
  extends Pick<Channel, 'replays' | 'dedupes' | 'subscribe' | 'forget' | 'groups' | 'deadLetters'> {
  /** The largest message that the server takes, in bytes. */
  maxBytes(): number;
  publish(event: string, message: Message): Promise<void>;
  /** Stops all members of all groups. */
  stop(drainTimeout: number): Promise<unknown>;
  /** Called last, when nothing is under way. */
  disconnect(): Promise<unknown>;
}

/** @param make gets what tells whether the channel closes: a subscription that is not complete by then must not be. */
export function createServerChannel(make: (isClosing: () => boolean) => ServerChannelParts): Channel {
  let closing: Promise<void> | undefined;
  const publishing = new Set<Promise<void>>();
  const parts = make(() => closing !== undefined);
  const { deadLetters } = parts;

  const open = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing) throw closed();
    return work();
  };
  const channel: Channel = {
    replays: parts.replays,
    dedupes: parts.dedupes,
    publish: (event, message) =>
      open(async () => {
        checkMessage(event, message, parts.maxBytes());
        const stored = parts.publish(event, message).finally(() => publishing.delete(stored));
        publishing.add(stored);
        return stored;
      }),
    subscribe: (event, group, handler: Handler, options) =>
      open(async (): Promise<Subscription> => {
        checkEventName(event);
        checkGroupName(group);
        return parts.subscribe(event, group, handler, options);
      }),
    forget: (event, group) =>
      open(async () => {
        checkEventName(event);
        checkGroupName(group);
        await parts.forget(event, group);
      }),
    groups: (query) => open(() => parts.groups(query)),
    deadLetters: {
      list: (query) => open(() => deadLetters.list(query)),
      read: (id) => open(() => deadLetters.read(id)),
      replay: (id) => open(() => deadLetters.replay(id)),
      discard: (id) => open(() => deadLetters.discard(id)),
    },
    close({ drainTimeout = 30_000 } = {}) {
      closing ??= (async () => {
        await Promise.allSettled([parts.stop(drainTimeout), ...publishing]);
        await parts.disconnect();
      })();
      return closing;
    },
    [Symbol.asyncDispose]: () => channel.close(),
  };
  return channel;
}

export function closed(): DurableEventError {
  return new DurableEventError('CHANNEL_CLOSED', 'the channel is closing or closed');
}
