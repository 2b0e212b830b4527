import { setTimeout as delay } from 'node:timers/promises';
import type { Channel as AmqpChannel, ConsumeMessage, RecoveringChannelModel } from 'amqplib';
import { type AttemptOptions, type Reason, runAttempt } from '../attempt.ts';
import type { Handler, Logger, Message } from '../channel.ts';
import { settledWithin } from '../drain.ts';
import { deliveriesBefore, toMessage } from './wire.ts';

const RETRY_MS = 1_000;

export interface QueueConsumerOptions {
  readonly connection: RecoveringChannelModel;
  readonly event: string;
  readonly group: string;
  readonly queue: string;
  readonly handler: Handler;
  readonly attempt: AttemptOptions;
  /** Makes exchange and queue; does nothing where they are. */
  readonly declare: (channel: AmqpChannel) => Promise<void>;
  /** Stores a dead letter; resolves when it is safe. */
  readonly bury: (message: Message, attempts: number, reason: Reason) => Promise<void>;
  readonly logger?: Logger | undefined;
}

/**
 * One member's share in one partition of one group: one message at a time, held unacknowledged over its retries, so that
 * nothing overtakes it. Begins anew on each connection.
 */
export class QueueConsumer {
  readonly #options: QueueConsumerOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #begin = () => void this.#consume();
  #channel: AmqpChannel | undefined;
  #tag: string | undefined;

  constructor(options: QueueConsumerOptions) {
    this.#options = options;
    options.connection.on('connect', this.#begin);
  }

  /** Resolves when the queue is there and this member has joined. */
  async start(): Promise<void> {
    const { connection, declare, queue, event, group, logger } = this.#options;
    const channel = await connection.createChannel();
    // An error closes the channel; 'close' then begins again.
    channel.on('error', (error) => logger?.warn(`${event}, group ${group}: ${error.message}`));
    await declare(channel);
    await channel.prefetch(1);
    this.#channel = channel;
    const { consumerTag } = await channel.consume(queue, (raw) => {
      // After the stop began, it stays with the channel, which is about to be closed.
      if (raw && !this.#stopping.signal.aborted) this.#take(channel, raw);
      else if (!raw) void this.#restart(channel);
    });
    this.#tag = consumerTag;
  }

  async stop(drainTimeout: number): Promise<void> {
    const { connection, event, group, logger } = this.#options;
    this.#stopping.abort();
    connection.off('connect', this.#begin);
    if (!(await settledWithin([...this.#running], drainTimeout)))
      logger?.warn(`${event}, group ${group}: a handler still ran after ${drainTimeout} ms`);
    // Not cancelled first: the next member would be given the next message while ours is still out. Closing gives back
    // what is unfinished and hands over in one step.
    await ended(async () => this.#channel?.close());
  }

  async #consume(): Promise<void> {
    const { event, group, logger } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        return await this.start();
      } catch (error) {
        logger?.warn(`${event}, group ${group}: cannot consume, trying again:`, error);
        await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
  }

  /** The server cancelled us: somebody deleted the queue. */
  async #restart(channel: AmqpChannel): Promise<void> {
    await ended(() => channel.close());
    await this.#consume();
  }

  #take(channel: AmqpChannel, raw: ConsumeMessage): void {
    const run = this.#handle(channel, raw)
      .catch((error) => {
        // The connection went away while it ran: the message is delivered again.
        this.#options.logger?.warn(`${this.#options.event}: not acknowledged:`, error);
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #handle(channel: AmqpChannel, raw: ConsumeMessage): Promise<void> {
    const { event, group, handler, attempt: options, bury, logger } = this.#options;
    const message = toMessage(raw);
    const publishedAt = Number(raw.properties.timestamp ?? 0) * 1_000;
    const what = `${event} ${message.id} in group ${group}`;
    const { signal } = this.#stopping;
    for (let attempt = deliveriesBefore(raw) + 1; ; attempt++) {
      const outcome = await runAttempt(handler, { event, group, message, attempt, publishedAt }, options);
      if (outcome.kind === 'handled') return this.#acknowledge(channel, raw);
      if (outcome.kind === 'dead') {
        try {
          await bury(message, attempt, outcome.reason);
          logger?.error(`${what} is a dead letter now:`, outcome.reason);
          return await this.#acknowledge(channel, raw);
        } catch (error) {
          logger?.error(`${what}: its dead letter could not be stored; it stays where it is:`, error);
        }
      } else logger?.warn(`${what} failed, next attempt in ${outcome.delay} ms:`, outcome.reason);
      const wait = outcome.kind === 'retry' ? outcome.delay : RETRY_MS;
      await delay(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
    }
  }

  /** While stopping, the acknowledgement must not bring the next message: it would be given back with an attempt used up. */
  async #acknowledge(channel: AmqpChannel, raw: ConsumeMessage): Promise<void> {
    const tag = this.#tag;
    if (this.#stopping.signal.aborted && tag !== undefined) await ended(async () => channel.cancel(tag));
    channel.ack(raw);
  }
}

/** A quorum queue that is being recovered may leave a request without an answer; closing the connection ends it anyway. */
async function ended(request: () => Promise<unknown>): Promise<void> {
  await settledWithin([request()], RETRY_MS);
}
