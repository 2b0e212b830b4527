import { attemptOptions } from '../attempt.ts';
import type { Channel, DeadLetter, Handler, Logger, Message } from '../channel.ts';
import { DurableEventError } from '../errors.ts';
import { checkEventName, checkGroupName, checkMessage } from '../validate.ts';
import { createCommitter, type EndClaim } from './committer.ts';
import { LocalGroup } from './local-group.ts';
import type { LocalStore } from './local-store.ts';
import { createMemoryStore } from './memory-store.ts';
import { createSqliteStore } from './sqlite-store.ts';

/** Nothing outlives the process. */
export function createMemoryChannel(options: { readonly logger?: Logger } = {}): Channel {
  return createLocalChannel(createMemoryStore(), options.logger);
}

/**
 * What was published survives kill -9 and a power failure.
 *
 * @param options.path a file of this process's own; created when absent.
 * @throws DurableEventError CHANNEL_IN_USE when another process has the file open.
 */
export function createSqliteChannel(options: { readonly path: string; readonly logger?: Logger }): Channel {
  return createLocalChannel(createSqliteStore(options.path), options.logger);
}

/**
 * The channel of one process. Each group runs up to eight keys at a time; messages of one key, one.
 * Everything that happens in one turn of the event loop, or while the disk syncs what came before (publishes, attempts
 * begun, results), is one transaction.
 */
export function createLocalChannel(store: LocalStore, logger?: Logger): Channel {
  const groups = new Map<string, LocalGroup>();
  const committer = createCommitter(store, () => {
    const claimed: EndClaim[] = [];
    const end: EndClaim = (durable) => {
      for (const endOf of claimed) endOf(durable);
    };
    try {
      for (const group of groups.values()) claimed.push(group.claim());
      return end;
    } catch (error) {
      end(false);
      throw error;
    }
  });
  let closing: Promise<void> | undefined;

  const commit = <T>(work: () => T): Promise<T> => {
    if (closing)
      return Promise.reject(new DurableEventError('CHANNEL_CLOSED', 'the channel is closing or closed'));
    return committer.commit(work);
  };
  const pokeAll = (event?: string) => {
    for (const group of groups.values()) if ((event ?? group.event) === group.event) group.poke();
  };
  const found = <T>(id: string, letter: T | undefined | false): T => {
    if (!letter) throw new DurableEventError('DEAD_LETTER_NOT_FOUND', `no dead letter ${JSON.stringify(id)}`);
    return letter;
  };

  const channel: Channel = {
    replays: true,
    dedupes: true,
    async publish(event: string, message: Message) {
      checkMessage(event, message);
      const copy = { ...message, headers: { ...message.headers }, data: Uint8Array.from(message.data) };
      await commit(() => {
        store.append(event, copy, Date.now());
        pokeAll(event);
      });
    },
    async subscribe(event: string, name: string, handler: Handler, options = {}) {
      checkEventName(event);
      checkGroupName(name);
      await commit(() => store.ensureGroup(event, name, options.from ?? 'first'));
      const id = `${event} ${name}`;
      let group = groups.get(id);
      if (!group) {
        group = new LocalGroup(event, name, store, committer, logger);
        groups.set(id, group);
      }
      return group.join(handler, attemptOptions(options));
    },
    async forget(event: string, name: string) {
      checkEventName(event);
      checkGroupName(name);
      await commit(() => store.dropGroup(event, name));
    },
    async groups({ event, group } = {}) {
      const all = await commit(() => store.listGroups(Date.now()));
      return all.filter((lag) => (event ?? lag.event) === lag.event && (group ?? lag.group) === lag.group);
    },
    deadLetters: {
      list: (query = {}) => commit((): DeadLetter[] => store.listDead(query)),
      read: async (id) => found(id, await commit(() => store.readDead(id))),
      async replay(id) {
        found(id, await commit(() => store.replayDead(id)));
        pokeAll();
      },
      discard: async (id) => void found(id, await commit(() => store.discardDead(id))),
    },
    close(options) {
      closing ??= (async () => {
        await Promise.all([...groups.values()].map((group) => group.stop(options)));
        await committer.close();
        store.close();
      })();
      return closing;
    },
    [Symbol.asyncDispose]: () => channel.close(),
  };
  return channel;
}
