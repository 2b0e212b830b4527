import { setTimeout as delay } from 'node:timers/promises';
import { type Context, Errors, type Middleware, type ServiceBroker, type Transit } from 'moleculer';
import { isMarkedNeverRan } from './never-ran.ts';
import { type CallOptions, leftOf, withDeadline } from './time-allowed.ts';

export interface SafeRetryOptions {
  /** Further attempts after the first; a call's own `retries` wins. Default 7. */
  readonly retries?: number;
  /** Before the first further attempt, in ms. Default 50. */
  readonly delay?: number;
  /** Each wait is so many times the one before. Default 2. */
  readonly factor?: number;
  /** Longest wait, in ms. Default 1000. With the defaults all waits together are about 3.5 s. */
  readonly maxDelay?: number;
}

type Attempt = Promise<unknown> & { ctx?: Context };
type Call = (action: unknown, params?: unknown, options?: CallOptions) => Attempt;

/** A response that was kept over the break is here by then; what is still missing was lost with the connection. */
const LATE_RESPONSES_MS = 300;

/**
 * Middleware in place of Moleculer's `retryPolicy`: repeats what is safe to repeat.
 *
 * - A call of an action defined with `idempotent: true`, or made with the calling option `idempotent: true`: on any
 *   error marked retryable.
 * - Any other call: only when it provably did not run (undelivered, the connection was down before it was sent, no
 *   such action, target stopping). Never on a timeout or a rejection.
 * - A call with a stream: never, its data are spent.
 *
 * Each attempt is a new call: it chooses its node anew unless the caller pinned one (Moleculer's loses the pin,
 * retry.js:69), and all of them together end with the deadline of the first.
 */
export function safeRetry(options: SafeRetryOptions = {}): Middleware {
  const { retries = 7, delay: first = 50, factor = 2, maxDelay = 1_000 } = options;
  let broker: ServiceBroker;

  async function again(
    next: Call,
    firstAttempt: Attempt,
    [action, params, given]: [action: unknown, params: unknown, options: CallOptions],
  ): Promise<unknown> {
    const allowed = given.stream ? 0 : (given.retries ?? retries);
    let attempt = firstAttempt;
    for (let count = 0; ; count++) {
      const { ctx } = attempt;
      const idempotent = given.idempotent ?? isIdempotent(ctx);
      try {
        const result = await attempt;
        // Callers merge the meta of the context they were given, which is the first one.
        if (ctx && firstAttempt.ctx && ctx !== firstAttempt.ctx)
          Object.assign(firstAttempt.ctx.meta, ctx.meta);
        return result;
      } catch (error) {
        if (count >= allowed || !mayRepeat(error, action, ctx, idempotent)) throw error;
        const wait = Math.min(first * factor ** count, maxDelay) * (0.8 + Math.random() * 0.4);
        if (wait >= leftOf(given)) throw error;
        broker.logger.debug(
          `'${name(action)}' failed (${(error as Error).message}); again in ${Math.round(wait)} ms.`,
        );
        broker.metrics.increment('moleculer.request.retry.attempts.total', { action: name(action) });
        await delay(wait);
        attempt = next(action, params, given);
      }
    }
  }

  const middleware = {
    name: 'SafeRetry',
    created(created: ServiceBroker) {
      broker = created;
      broker.localBus.on('$transporter.connected', ({ wasReconnect }: { wasReconnect: boolean }) => {
        if (wasReconnect) void giveUpLost(broker, () => true);
      });
      // Where NATS balances, a request has no node, and nobody rejects it when the node that took it dies.
      broker.localBus.on('$node.disconnected', ({ unexpected }: { unexpected: boolean }) => {
        if (unexpected) void giveUpLost(broker, ({ nodeID }) => !nodeID);
      });
    },
    call(next: Call): Call {
      return (action, params, given = {}) => {
        if (given.ctx) return next(action, params, given);
        const limited = withDeadline(broker, action, given);
        const attempt = next(action, params, limited);
        return again(next, attempt, [action, params, limited]);
      };
    },
  };
  return middleware as unknown as Middleware;
}

const name = (action: unknown): string =>
  typeof action === 'string' ? action : String((action as { name?: string } | null)?.name);

const isIdempotent = (ctx: Context | undefined): boolean =>
  (ctx?.action as { idempotent?: boolean } | null | undefined)?.idempotent === true;

/** May this call in flight be sent again, should the connection break under it? */
function isRepeatable(ctx: Context): boolean {
  const { idempotent, stream } = ctx.options as CallOptions;
  return !stream && (idempotent ?? isIdempotent(ctx));
}

function mayRepeat(error: unknown, action: unknown, ctx: Context | undefined, idempotent: boolean): boolean {
  if (!(error instanceof Error) || !(error as Partial<Errors.MoleculerError>).retryable) return false;
  return idempotent || neverRan(error, action, ctx);
}

/** Proof that the call which failed with `error` never reached its handler. In doubt false. */
function neverRan(error: Error, action: unknown, ctx: Context | undefined): boolean {
  const { type, data } = error as Errors.MoleculerError;
  const notFound = type === 'SERVICE_NOT_FOUND' || type === 'SERVICE_NOT_AVAILABLE';
  // Without a context the broker had not even found a node to call.
  if (!ctx) return notFound && data?.action === name(action);
  if (isMarkedNeverRan(error, ctx.id)) return true;
  // Said by the very node that was called, about the very action: not an error of a call that its handler made.
  const remote = ctx.nodeID !== null && ctx.nodeID !== ctx.broker.nodeID;
  return remote && notFound && data?.action === name(action) && data?.nodeID === ctx.nodeID;
}

/**
 * After a break of the connection, or the death of a node, a request or its response may be gone without a trace. What may run twice is not left
 * to its timeout, after which no time would be left for another attempt.
 */
async function giveUpLost(
  broker: ServiceBroker,
  concerned: (request: Transit.TransitRequest) => boolean,
): Promise<void> {
  const { transit } = broker;
  if (!transit) return;
  const sentBefore = [...transit.pendingRequests].filter(([, r]) => isRepeatable(r.ctx) && concerned(r));
  await delay(LATE_RESPONSES_MS, undefined, { ref: false });
  for (const [id, request] of sentBefore) {
    if (transit.pendingRequests.get(id) !== request) continue;
    transit.removePendingRequest(id);
    const data = { action: request.ctx.action?.name, nodeID: request.nodeID };
    request.reject(new Errors.RequestRejectedError(data));
  }
}
