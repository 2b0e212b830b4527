/** Durable events whose effect happens once, however often they are delivered. */
import type { Kysely } from 'kysely';
import type { Context, Service, ServiceSchema } from 'moleculer';
import { type EventLocals, type InboxEntry, pruneInbox } from 'moleculer-durable-events';

/** The context in which a channel handler runs. */
export type EventContext<Payload> = Context<Payload, object, EventLocals>;

/** Names this handling in the inbox. */
export const entryOf = ({ locals }: EventContext<unknown>): InboxEntry => ({
  group: locals.group,
  id: locals.event.id,
});

/** A store whose database has the table of `inboxMigration`. */
export interface StoreWithInbox {
  /** For pruning alone: everybody else asks the store. */
  readonly inbox: Kysely<unknown>;
}

const PRUNE_EVERY_MS = 6 * 3_600_000;

type Self = Service & { store?: StoreWithInbox; pruning?: NodeJS.Timeout };

/** Forgets, now and then, what was handled more than 7 days ago. Name it after the mixin that opens the store. */
export function withInboxPruning(): Partial<ServiceSchema> {
  const schema = {
    started(this: Self) {
      this.pruning = setInterval(() => {
        const { store } = this;
        if (store)
          pruneInbox(store.inbox).catch((error: unknown) =>
            this.logger.warn('the inbox was not pruned', error),
          );
      }, PRUNE_EVERY_MS).unref();
    },
    stopped(this: Self) {
      clearInterval(this.pruning);
    },
  };
  return schema as unknown as Partial<ServiceSchema>;
}
