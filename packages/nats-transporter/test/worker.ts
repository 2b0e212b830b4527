import { setTimeout as delay } from 'node:timers/promises';
import type { Context, ServiceSchema } from 'moleculer';

/** Two actions that take `ms` and note each run by the caller's id: one may be repeated, one must not. */
export function worker(ran: (id: string) => void): ServiceSchema {
  const handler = async (ctx: Context<{ id: string; ms?: number }>) => {
    ran(ctx.params.id);
    await delay(ctx.params.ms ?? 5);
    return `${ctx.params.id}@${ctx.broker.nodeID}`;
  };
  return {
    name: 'worker',
    actions: { read: { idempotent: true, handler }, write: { handler } },
  } as ServiceSchema;
}
