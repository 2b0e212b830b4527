/** A listener of its own beside those of the shop: when each event of an order reached a handler. */
import type { Context, ServiceSchema } from 'moleculer';
import type { Channels, EventLocals } from 'moleculer-durable-events';

export interface Probe {
  readonly service: ServiceSchema;
  /** ms from the event's making, just before the commit of the transaction that holds it, to the handler; since `reset`. */
  readonly latencies: readonly number[];
  reset(): void;
  /** Resolves when the last event of the order has been handled. @throws Error after 30 s. */
  ended(orderId: string): Promise<void>;
}

type Handled = Context<{ readonly orderId: string }, object, EventLocals>;

const PATIENCE_MS = 30_000;

export function createProbe(): Probe {
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const latencies: number[] = [];
  const endOf = (orderId: string) => {
    const end = ends.get(orderId) ?? Promise.withResolvers<void>();
    ends.set(orderId, end);
    return end;
  };
  const hear = (last: boolean) => ({
    versions: { 1: { type: 'object', required: ['orderId'], properties: { orderId: { type: 'string' } } } },
    from: 'next' as const,
    async handler(ctx: Context) {
      const { locals, params } = ctx as unknown as Handled;
      latencies.push(Date.now() - Date.parse(locals.event.time));
      if (last) endOf(params.orderId).resolve();
    },
  });
  const channels: Channels = {
    'order.placed': hear(false),
    'order.confirmed': hear(true),
    'order.cancelled': hear(true),
  };
  return {
    service: { name: 'bench-probe', channels } as ServiceSchema,
    latencies,
    reset: () => void latencies.splice(0),
    async ended(orderId) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`order ${orderId} has no end`)), PATIENCE_MS);
      await Promise.race([endOf(orderId).promise, late.promise]).finally(() => clearTimeout(timer));
      ends.delete(orderId);
    },
  };
}
