import type { Context } from 'moleculer';
import type { Meta } from './identity.ts';

/**
 * Broadcasts an event to every instance of every service that listens, and does not wait: what it reports has happened,
 * whether or not anybody hears of it. Lost when the transporter is away; what must arrive needs a durable channel.
 */
export function tell<Payload>(ctx: Context<unknown, Meta>, event: string, payload: Payload): void {
  ctx.broadcast(event, payload).catch((error: unknown) => {
    ctx.broker.logger.warn(`event '${event}' was not sent`, error);
  });
}
