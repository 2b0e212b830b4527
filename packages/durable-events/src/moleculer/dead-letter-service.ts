import type { Context, ServiceBroker, ServiceSchema } from 'moleculer';
import type { DeadLetter, DeadLetterQuery } from '../channel.ts';
import { channelOf } from './middleware.ts';

/** A dead letter for people: the payload as JSON where it is that, else as text. */
export interface ReadableDeadLetter {
  readonly id: string;
  readonly event: string;
  readonly group: string;
  readonly messageId: string;
  readonly key: string;
  readonly attempts: number;
  readonly reason: DeadLetter['reason'];
  /** ISO 8601 */
  readonly diedAt: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
}

/**
 * `call deadLetters.list --group mails`, `.read`, `.replay`, `.discard`, from the REPL or any service: a Moleculer service over
 * the broker's channel. Whoever may call actions may use it; it has no place in a client-facing API.
 */
export const deadLetterService: ServiceSchema = {
  name: 'deadLetters',
  actions: {
    list: {
      params: {
        event: 'string|optional',
        group: 'string|optional',
        after: 'string|optional|convert',
        limit: { type: 'number', optional: true, convert: true, integer: true, min: 1, max: 1_000 },
      },
      handler: async (ctx: Context<DeadLetterQuery>): Promise<ReadableDeadLetter[]> =>
        (await lettersOf(ctx.broker).list(ctx.params)).map(readable),
    },
    read: {
      params: { id: 'string|convert' },
      handler: async (ctx: Context<{ id: string }>): Promise<ReadableDeadLetter> =>
        readable(await lettersOf(ctx.broker).read(ctx.params.id)),
    },
    replay: {
      params: { id: 'string|convert' },
      handler: (ctx: Context<{ id: string }>): Promise<void> => lettersOf(ctx.broker).replay(ctx.params.id),
    },
    discard: {
      params: { id: 'string|convert' },
      handler: (ctx: Context<{ id: string }>): Promise<void> => lettersOf(ctx.broker).discard(ctx.params.id),
    },
  },
};

const lettersOf = (broker: ServiceBroker) => channelOf(broker).deadLetters;

function readable({ id, event, group, message, attempts, reason, diedAt }: DeadLetter): ReadableDeadLetter {
  const text = new TextDecoder().decode(message.data);
  let data: unknown = text;
  try {
    data = JSON.parse(text);
  } catch {
    // Malformed payloads end up here most of all.
  }
  const { id: messageId, key, headers } = message;
  return {
    id,
    event,
    group,
    messageId,
    key,
    attempts,
    reason,
    diedAt: new Date(diedAt).toISOString(),
    headers,
    data,
  };
}
