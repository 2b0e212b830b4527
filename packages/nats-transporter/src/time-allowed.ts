import type { Context, ServiceBroker } from 'moleculer';

/** What a call may carry beside Moleculer's own calling options. */
export interface CallOptions {
  readonly timeout?: number | null;
  readonly retries?: number | null;
  readonly nodeID?: string;
  readonly stream?: unknown;
  readonly ctx?: unknown;
  readonly parentCtx?: Context | null;
  /** May this call be repeated even if it may have run? Wins over the action's own `idempotent`. */
  readonly idempotent?: boolean;
  /** `performance.now()` after which nobody waits any more; set here, once per call, and kept over its retries. */
  readonly [DEADLINE]?: number;
}

const DEADLINE = Symbol('deadline');

/** Where nobody says how long a call may take. Units: ms. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Fixes the moment until which this call, retries included, may take; leaves one that is fixed already. Copies, because
 * Moleculer writes the timeout of one call into an options object that its user may pass to the next.
 *
 * In this order: the caller's `timeout`, the action's own, the broker's `requestTimeout`; an explicit 0 is no limit.
 * Never more than what is left to the calling context.
 */
export function withDeadline(broker: ServiceBroker, action: unknown, options: CallOptions): CallOptions {
  if (options[DEADLINE] !== undefined) return options;
  const own = options.timeout ?? actionTimeout(broker, action) ?? broker.options.requestTimeout ?? 0;
  const allowed = Math.min(
    own > 0 ? own : Number.POSITIVE_INFINITY,
    options.parentCtx ? timeLeft(options.parentCtx) : Number.POSITIVE_INFINITY,
  );
  return { ...options, [DEADLINE]: performance.now() + allowed };
}

/** Milliseconds until the deadline of `withDeadline`: Infinity without one, possibly negative. */
export function leftOf(options: CallOptions): number {
  return (options[DEADLINE] ?? Number.POSITIVE_INFINITY) - performance.now();
}

/**
 * Milliseconds that whoever made this call still waits: Infinity without a limit, possibly negative.
 *
 * Counted on this machine's monotonic clock from the call's arrival: what travels is a duration (Moleculer's own
 * `timeout` field of the request packet), so clocks need not agree. The time on the wire is not seen.
 */
export function timeLeft(ctx: Context): number {
  const { options, startHrTime } = ctx as Context & { startHrTime: [number, number] | null };
  const allowed = options.timeout;
  if (!allowed || allowed <= 0) return Number.POSITIVE_INFINITY;
  if (!startHrTime) return allowed;
  const [seconds, nanoseconds] = process.hrtime(startHrTime);
  return allowed - (seconds * 1e3 + nanoseconds / 1e6);
}

function actionTimeout(broker: ServiceBroker, action: unknown): number | undefined {
  if (typeof action !== 'string') return undefined;
  const endpoint = broker.registry.getActionEndpoints(action)?.endpoints[0];
  return (endpoint?.action as { timeout?: number } | undefined)?.timeout ?? undefined;
}
