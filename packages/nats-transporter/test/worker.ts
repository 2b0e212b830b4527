import { setTimeout as delay } from 'node:timers/promises';
import type { Context, ServiceSchema } from 'moleculer';

export interface Work {
  readonly id: string;
  readonly ms?: number;
}

/** Two actions that take `ms`, or as long as `hold` says, and note each run by the caller's id: one may be repeated, one must not. */
export function worker(
  ran: (id: string) => void,
  hold: (work: Work) => Promise<unknown> = ({ ms = 5 }) => delay(ms),
): ServiceSchema {
  const handler = async (ctx: Context<Work>) => {
    ran(ctx.params.id);
    await hold(ctx.params);
    return `${ctx.params.id}@${ctx.broker.nodeID}`;
  };
  return {
    name: 'worker',
    actions: { read: { idempotent: true, handler }, write: { handler } },
  } as ServiceSchema;
}
