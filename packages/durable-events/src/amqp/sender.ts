import type { Channel as AmqpChannel, ConfirmChannel, Options, RecoveringChannelModel } from 'amqplib';
import type { Logger } from '../channel.ts';
import { DurableEventError } from '../errors.ts';

export const CONFIRM_MS = 5_000;

export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly data: Uint8Array;
  readonly properties: Options.Publish;
  /** Makes what the message goes to; called once per `name` and connection. A refusal rejects the message. */
  readonly declare?: { readonly name: string; readonly run: (channel: AmqpChannel) => Promise<unknown> };
}

/**
 * Sends on one AMQP channel with confirmations, opened anew when it was closed. Resolves when the server has stored the message in
 * every queue that it is routed to.
 *
 * A refused declaration closes the AMQP channel, and fails what else is under way on it: what may be refused for reasons of its
 * own gets a sender of its own.
 *
 * @throws DurableEventError CHANNEL_UNAVAILABLE after 5 s at the latest.
 */
export type Send = (message: Outgoing) => Promise<void>;

export function createSender(connection: RecoveringChannelModel, logger?: Logger): Send {
  let opened: Promise<{ channel: ConfirmChannel; declared: Map<string, Promise<unknown>> }> | undefined;

  const open = () => {
    opened ??= (async () => {
      const forget = () => {
        opened = undefined;
      };
      try {
        const channel = await connection.createConfirmChannel();
        channel.on('error', (error) => logger?.warn('AMQP:', error.message));
        channel.on('close', forget);
        return { channel, declared: new Map<string, Promise<unknown>>() };
      } catch (error) {
        forget();
        throw error;
      }
    })();
    return opened;
  };

  return async ({ exchange, routingKey, data, properties, declare }) => {
    let timer: NodeJS.Timeout | undefined;
    let expired = false;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no confirmation within ${CONFIRM_MS} ms`)), CONFIRM_MS);
    });
    const confirmed = (async () => {
      const { channel, declared } = await open();
      if (declare) {
        const known = declared.get(declare.name) ?? declare.run(channel);
        declared.set(declare.name, known);
        await known;
      }
      // Reported as not confirmed: the caller tries again, and sending this one too would make it two.
      if (expired) return;
      await new Promise<void>((resolve, reject) => {
        const done = (error: unknown) => (error ? reject(error) : resolve());
        channel.publish(exchange, routingKey, Buffer.from(data), properties, done);
      });
    })();
    try {
      await Promise.race([confirmed, late]);
    } catch (cause) {
      confirmed.catch(() => {});
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DurableEventError('CHANNEL_UNAVAILABLE', `the message was not confirmed: ${why}`, { cause });
    } finally {
      expired = true;
      clearTimeout(timer);
    }
  };
}
