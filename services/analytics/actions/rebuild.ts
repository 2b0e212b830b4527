import type { Context } from 'moleculer';
import {
  type Channel,
  channelOf,
  createReader,
  fromMessage,
  type Message,
  type Subscription,
} from 'moleculer-durable-events';
import { shopError } from '../../common/errors.ts';
import { type Meta, requireAdmin } from '../../common/identity.ts';
import type { Action } from '../../common/service.ts';
import type { AnalyticsService } from '../analytics.service.ts';
import { type Source, sources } from '../events.ts';
import type { Fact } from '../sales.ts';
import type { SalesStore } from '../sales-store.ts';

/** ms without any event, after which what is missing will not come any more. */
const PATIENCE_MS = 15_000;

export interface Rebuilt {
  readonly generation: number;
  /** Did any count differ from what was shown before? */
  readonly changed: boolean;
}

/**
 * Counts everything again from the stream's start. For administrators, from the REPL: it takes as long as the stream is, and
 * no client of the gateway could wait for that.
 */
export const rebuild = {
  params: { $$strict: true },
  timeout: 600_000,
  /** @throws UNAUTHENTICATED, FORBIDDEN, REPLAY_INCOMPLETE */
  async handler(this: AnalyticsService, ctx: Context<unknown, Meta>): Promise<Rebuilt> {
    requireAdmin(ctx);
    return replay(this.store, channelOf(ctx.broker));
  },
} satisfies Action<AnalyticsService>;

/**
 * Fills a new generation through groups of its own, while the shown one goes on counting, and shows it as soon as it has
 * every event that the shown one has. What fails changes nothing that is shown.
 *
 * @throws REPLAY_INCOMPLETE when the channel no longer has some of the events.
 */
async function replay(store: SalesStore, channel: Channel): Promise<Rebuilt> {
  const generation = await store.begin();
  const subscriptions: Subscription[] = [];
  const group = `analytics.replay-${generation}`;
  let activity = Promise.withResolvers<void>();
  try {
    for (const [type, source] of Object.entries(sources)) {
      const read = factReader(type, source);
      const handle = async ({ message }: { readonly message: Message }) => {
        const found = read(message);
        if (found) await store.count(found.id, found.fact, generation);
        activity.resolve();
      };
      subscriptions.push(await channel.subscribe(type, group, handle, { from: 'first', maxAttempts: 3 }));
    }
    for (;;) {
      if ((await store.missing(generation)) === 0) {
        const shown = await store.show(generation);
        if (shown) return { generation, ...shown };
      }
      if (!(await within(PATIENCE_MS, activity.promise))) throw shopError('REPLAY_INCOMPLETE');
      activity = Promise.withResolvers<void>();
    }
  } catch (error) {
    await Promise.all(subscriptions.splice(0).map((subscription) => subscription.stop()));
    await store.discard(generation);
    throw error;
  } finally {
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    // Nobody will ever join this group again, and what it has not seen would wait for ever. Where that fails `channels.groups` shows it.
    await Promise.allSettled(Object.keys(sources).map((type) => channel.forget(type, group)));
  }
}

/** What the listener put aside as unreadable is unreadable still: it was not counted, and is not. */
function factReader(
  type: string,
  { versions, toFact }: Source,
): (message: Message) => { readonly id: string; readonly fact: Fact } | undefined {
  const check = createReader(type, versions);
  return (message) => {
    try {
      const event = fromMessage(message);
      check(event);
      return { id: event.id, fact: toFact(event.data) };
    } catch {
      return undefined;
    }
  };
}

async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
