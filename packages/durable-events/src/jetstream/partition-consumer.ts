import {
  createInbox,
  type Msg,
  type NatsConnection,
  type Subscription as NatsSubscription,
  nanos,
} from 'nats';
import { type AttemptOptions, type Reason, runAttempt } from '../attempt.ts';
import type { Delivery, Handler, Logger, Message } from '../channel.ts';
import { settledWithin } from '../drain.ts';
import { ACK, type AckInfo, nak, parseAckSubject, toMessage, WORKING } from './wire.ts';

/** A pull request lives this long on the server; a silent connection is noticed after two missed heartbeats. */
const PULL_EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const RETRY_MS = 1_000;

export interface PartitionConsumerOptions {
  readonly connection: NatsConnection;
  readonly inboxPrefix?: string | undefined;
  readonly event: string;
  readonly group: string;
  readonly stream: string;
  readonly consumer: string;
  readonly handler: Handler;
  readonly attempt: AttemptOptions;
  /** ms */
  readonly ackWait: number;
  /** Stores a dead letter; resolves when it is safe. */
  readonly bury: (message: Message, info: AckInfo, reason: Reason) => Promise<void>;
  /** Makes the consumer again, should somebody have deleted it. */
  readonly restore: () => Promise<unknown>;
  /** Called when the server did not confirm the acknowledgement of a message it had delivered before. */
  readonly unstick: (streamSeq: number) => Promise<boolean>;
  readonly logger?: Logger | undefined;
}

/**
 * One member's share in one partition of one group: asks for a message, has it handled, reports, asks again.
 *
 * The client library's own loop is not used: it keeps up to a batch of messages in hand and, when stopped, drops
 * them, so that each waits for its ack timeout; and it asks the server for the consumer's state after each hiccup.
 */
export class PartitionConsumer {
  readonly #options: PartitionConsumerOptions;
  readonly #inbox: string;
  readonly #subscription: NatsSubscription;
  #running: Promise<void> | undefined;
  /** Whether a repeated delivery's acknowledgement was taken is being found out. */
  #confirming: Promise<void> | undefined;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PartitionConsumerOptions) {
    this.#options = options;
    this.#inbox = createInbox(options.inboxPrefix);
    this.#subscription = options.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) this.#later(`subscription refused: ${error.message}`);
        else if (message.subject === this.#inbox && !message.reply) this.#status(message);
        else this.#take(message);
      },
    });
    this.pull();
  }

  /** Asks for the next message. Asking twice does no harm: the server hands out one at a time. */
  pull(): void {
    const { connection, stream, consumer } = this.#options;
    if (this.#stopping || this.#running || connection.isClosed()) return;
    this.#watch(2 * HEARTBEAT_MS + 500);
    const request = { batch: 1, expires: nanos(PULL_EXPIRES_MS), idle_heartbeat: nanos(HEARTBEAT_MS) };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: this.#inbox,
    });
  }

  async stop(drainTimeout: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const { connection, event, group, logger } = this.#options;
    // Until the server knows that nobody listens, it may still hand out a message. It is handled: given back, it would
    // have used up an attempt, and a few restarts would make a dead letter of what nobody ever tried. (A message that
    // the server sends in the very moment it learns of the stop reaches nobody; it waits for the ack timeout.)
    if (!connection.isClosed()) await this.#subscription.drain().catch(() => {});
    if (!(await settledWithin([this.#running, this.#confirming], drainTimeout)))
      logger?.warn(`${event}, group ${group}: a handler still ran after ${drainTimeout} ms`);
  }

  #status(message: Msg): void {
    const code = message.headers?.code ?? 0;
    const text = `${code} ${message.headers?.description ?? ''}`;
    if (code === 100) this.#watch(2 * HEARTBEAT_MS + 500);
    else if (code === 404 || code === 408) this.pull();
    else this.#later(text);
  }

  /** The consumer is gone, or JetStream is: makes it again if need be, then goes on. */
  #later(why: string): void {
    if (this.#stopping) return;
    const { event, group, restore, logger } = this.#options;
    logger?.warn(`${event}, group ${group}: ${why}; trying again`);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      restore()
        .catch((error) => logger?.warn(`${event}, group ${group}: the consumer is not to be had:`, error))
        .finally(() => this.pull());
    }, RETRY_MS);
  }

  #watch(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pull(), ms);
  }

  #take(message: Msg): void {
    if (this.#running) {
      message.respond(nak(0));
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#handle(message).finally(() => {
      this.#running = undefined;
      this.pull();
    });
  }

  async #handle(raw: Msg): Promise<void> {
    const { event, group, handler, attempt, ackWait, logger } = this.#options;
    const info = parseAckSubject(raw.reply ?? '');
    const message = toMessage(raw.headers, raw.data);
    const what = `${event} ${message.id} in group ${group}`;
    // Once is not enough: a handler slower than the ack timeout would run again beside itself.
    const working = setInterval(() => raw.respond(WORKING), ackWait / 3);
    try {
      const delivery: Delivery = {
        ...{ event, group, message },
        attempt: info.deliveryCount,
        publishedAt: info.storedAt,
      };
      const outcome = await runAttempt(handler, delivery, attempt);
      if (outcome.kind === 'handled') return this.#acknowledge(raw, info);
      if (outcome.kind === 'retry') {
        logger?.warn(`${what} failed, next attempt in ${outcome.delay} ms:`, outcome.reason);
        return void raw.respond(nak(outcome.delay));
      }
      if (await this.#bury(message, info, outcome.reason, what)) this.#acknowledge(raw, info);
      else raw.respond(nak(RETRY_MS));
    } catch (error) {
      // The connection is closed: no report reaches the server, which delivers again after the ack timeout.
      logger?.warn(`${what}: not acknowledged:`, error);
    } finally {
      clearInterval(working);
    }
  }

  /** Until this resolves with true the message stays pending, so that it is neither lost nor overtaken. */
  async #bury(message: Message, info: AckInfo, reason: Reason, what: string): Promise<boolean> {
    const { bury, logger } = this.#options;
    for (;;) {
      try {
        await bury(message, info, reason);
        logger?.error(`${what} is a dead letter now:`, reason);
        return true;
      } catch (error) {
        logger?.error(`${what}: its dead letter could not be stored; it stays where it is:`, error);
        if (this.#stopping) return false;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #acknowledge(raw: Msg, info: AckInfo): void {
    if (info.deliveryCount === 1 || this.#confirming) {
      raw.respond(ACK);
      return;
    }
    this.#confirming = this.#confirm(raw, info).finally(() => {
      this.#confirming = undefined;
    });
  }

  /** Not waited for: to be freed, the consumer needs somebody who asks for the next message. */
  async #confirm(raw: Msg, { streamSeq }: AckInfo): Promise<void> {
    const { connection, ackWait, unstick, event, group, logger } = this.#options;
    try {
      // Well before it is delivered again, which would cost an attempt.
      await connection.request(raw.reply ?? '', ACK, { timeout: ackWait / 3 });
    } catch {
      const freed = await unstick(streamSeq).catch(() => false);
      if (freed)
        logger?.warn(`${event}, group ${group}: the server ignored an acknowledgement; it goes on now`);
    }
  }
}
