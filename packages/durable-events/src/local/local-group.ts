import { setTimeout as delay } from 'node:timers/promises';
import { type AttemptOptions, type Outcome, runAttempt } from '../attempt.ts';
import type { Handler, Logger, Subscription } from '../channel.ts';
import { settledWithin } from '../drain.ts';
import { type Committer, type EndClaim, STORE_RETRY_MS } from './committer.ts';
import type { LocalStore, StoredDelivery } from './local-store.ts';

/** What begins at once is one transaction: the more, the fewer syncs. */
const KEYS_AT_ONCE = 32;

interface Member {
  readonly handler: Handler;
  readonly options: AttemptOptions;
  readonly running: Set<Promise<void>>;
}

/** The members of one group in this process, and which keys they are busy with. */
export class LocalGroup {
  readonly event: string;
  readonly #name: string;
  readonly #store: LocalStore;
  readonly #committer: Committer;
  readonly #logger: Logger | undefined;
  readonly #members: Member[] = [];
  /** A key stays busy until the result of its attempt is durable: else its next message could overtake. */
  readonly #busy = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  /** May there be something to claim? Spares the store a query for every group in every transaction. */
  #due = true;
  #stopped = false;

  constructor(event: string, name: string, store: LocalStore, committer: Committer, logger?: Logger) {
    this.event = event;
    this.#name = name;
    this.#store = store;
    this.#committer = committer;
    this.#logger = logger;
  }

  join(handler: Handler, options: AttemptOptions): Subscription {
    const member: Member = { handler, options, running: new Set() };
    this.#members.push(member);
    this.poke();
    return { stop: (stop) => this.#leave(member, stop) };
  }

  async stop(options?: { readonly drainTimeout?: number }): Promise<void> {
    await Promise.all([...this.#members].map((member) => this.#leave(member, options)));
    this.#stopped = true;
  }

  /** Something may have become due. */
  poke(): void {
    this.#due = true;
    this.#committer.wake();
  }

  /** Called inside a transaction: counts an attempt for each delivery it takes. They start when that is durable. */
  claim(): EndClaim {
    const free = KEYS_AT_ONCE - this.#busy.size;
    if (!this.#due || this.#members.length === 0 || free <= 0) return () => {};
    const now = Date.now();
    const due = this.#store.due(this.event, this.#name, now, this.#busy, free);
    const next = this.#store.nextDueAt(this.event, this.#name, now);
    for (const { seq } of due) this.#store.begin(this.event, this.#name, seq);
    // Now, not when it is durable: what becomes due until then has to be looked for again.
    this.#due = false;
    clearTimeout(this.#timer);
    if (next !== undefined) this.#timer = setTimeout(() => this.poke(), Math.min(next - now, 2 ** 31 - 1));
    const { promise: durable, resolve: end } = Promise.withResolvers<boolean>();
    for (const delivery of due) this.#take(delivery, durable);
    return (isDurable) => {
      // The committer looks again by itself, later.
      if (!isDurable) this.#due = true;
      end(isDurable);
    };
  }

  /** A member that stops from here on waits for it: given back, it would have used up an attempt. */
  #take(stored: StoredDelivery, durable: Promise<boolean>): void {
    const member = this.#members.shift();
    if (!member) return;
    this.#members.push(member);
    const { message, attempts, publishedAt } = stored;
    this.#busy.add(message.key);
    const delivery = { event: this.event, group: this.#name, message, attempt: attempts + 1, publishedAt };
    const handle = async () => {
      const begun = await durable;
      if (begun) await this.#record(stored, await runAttempt(member.handler, delivery, member.options));
      this.#busy.delete(message.key);
      member.running.delete(run);
      if (begun) this.poke();
    };
    const run = handle();
    member.running.add(run);
  }

  async #record({ seq, message }: StoredDelivery, outcome: Outcome): Promise<void> {
    const at = [this.event, this.#name, seq] as const;
    const what = `${this.event} ${message.id} in group ${this.#name}`;
    if (outcome.kind === 'retry')
      this.#logger?.warn(`${what} failed, next attempt in ${outcome.delay} ms:`, outcome.reason);
    if (outcome.kind === 'dead') this.#logger?.error(`${what} is a dead letter now:`, outcome.reason);
    const write = () => {
      if (outcome.kind === 'handled') this.#store.settle(...at);
      else if (outcome.kind === 'retry') this.#store.retryAt(...at, Date.now() + outcome.delay);
      else this.#store.bury(...at, outcome.reason, Date.now());
    };
    while (!this.#stopped) {
      try {
        return await this.#committer.commit(write);
      } catch (error) {
        // Disk full, say. The key stays busy: neither lost nor overtaken, and handled once if the disk recovers.
        this.#logger?.error(`${what}: the result could not be stored, trying again:`, error);
        await delay(STORE_RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async #leave(
    member: Member,
    { drainTimeout = 30_000 }: { readonly drainTimeout?: number } = {},
  ): Promise<void> {
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#members.splice(index, 1);
    if (this.#members.length === 0) clearTimeout(this.#timer);
    if (!(await settledWithin([...member.running], drainTimeout)))
      this.#logger?.warn(`${this.event}, group ${this.#name}: handlers still ran after ${drainTimeout} ms`);
  }
}
