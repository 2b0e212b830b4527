/** What the commands of an order's fulfilment share: they come from the saga, at least once, each under a key of its own. */
import type { Context } from 'moleculer';
import type { Meta } from './identity.ts';

export interface CommandMeta extends Meta {
  /** The same in every attempt at one command. */
  idempotencyKey?: string;
}

/** One that is called by hand has none: it is the only one of its kind for its order. */
export function idempotencyKey(ctx: Context<{ readonly orderId: string }, CommandMeta>): string {
  return ctx.meta.idempotencyKey ?? `${ctx.action?.name}/${ctx.params.orderId}`;
}
