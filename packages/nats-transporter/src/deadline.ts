import { type Context, Errors, type Middleware, type ServiceBroker } from 'moleculer';
import { type CallOptions, DEFAULT_TIMEOUT_MS, leftOf, timeLeft, withDeadline } from './time-allowed.ts';

type Call = (action: unknown, params?: unknown, options?: CallOptions) => Promise<unknown>;
type Handler = (ctx: Context) => Promise<unknown>;
/** What Moleculer's own timeout takes for one; its types leave it out. */
const { TimeoutError } = Errors as unknown as { readonly TimeoutError: new () => Error };
/** Longer ones Node would let end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Middleware: no call, with its retries and everything it calls in turn, outlives what its first caller allowed.
 *
 * Moleculer hands a nested call what is left of its parent's time, but each *retry* the whole of it again
 * (retry.js:69), and allows for ever where `requestTimeout` is 0, its default. Here
 * - a call gets its deadline once, and every attempt what is left of it; nothing left means it is not sent;
 * - a call that timed out is forgotten, so that a graceful stop does not wait for it;
 * - a call whose time ran out on this node (in a bulkhead's queue, behind a slow hook) is not executed;
 * - `requestTimeout: 0` becomes 10 s. `timeout: 0` on a single call still means no limit.
 *
 * Order among the middlewares does not matter.
 */
export function deadline(): Middleware {
  let broker: ServiceBroker;
  const middleware = {
    name: 'Deadline',
    created(created: ServiceBroker) {
      broker = created;
      if (!(Number(broker.options.requestTimeout) > 0)) broker.options.requestTimeout = DEFAULT_TIMEOUT_MS;
    },
    call(next: Call): Call {
      return (action, params, options = {}) => {
        // A context that Moleculer hands back for another attempt has had its time set.
        if (options.ctx) return next(action, params, options);
        const limited = withDeadline(broker, action, options);
        const left = leftOf(limited);
        if (left <= 0)
          return withoutContext(new Errors.RequestSkippedError({ action, nodeID: broker.nodeID }));
        return next(action, params, Number.isFinite(left) ? { ...limited, timeout: left } : limited);
      };
    },
    // Inside Moleculer's context tracker, its own timeout is outside: a call that timed out would be tracked for ever, and
    // `broker.stop()` wait `shutdownTimeout` for it. Same error type, so the outer one reports it as ever.
    remoteAction(next: Handler): Handler {
      return (ctx) => {
        const left = timeLeft(ctx);
        const answer = next(ctx);
        return Number.isFinite(left) ? within(answer, left) : answer;
      };
    },
    // Innermost of all: user middlewares wrap an action before Moleculer's own (queue, hooks) do.
    localAction(next: Handler): Handler {
      return (ctx) => {
        if (timeLeft(ctx) > 0) return next(ctx);
        const data = { action: ctx.action?.name, nodeID: ctx.broker.nodeID };
        return Promise.reject(new Errors.RequestSkippedError(data));
      };
    },
  };
  return middleware as unknown as Middleware;
}

/** The same as Moleculer's `promise.timeout(ms)`, with a third of its promises. */
function within(answer: Promise<unknown>, ms: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const tooLate = () => reject(new TimeoutError());
    const timer = setTimeout(tooLate, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/**
 * A rejection without a call. Moleculer puts the context of the last call that went through this hook on whatever the
 * hook returns (service-broker.js:421); the caller would then merge the meta, the identity included, of somebody else.
 */
function withoutContext(error: Error): Promise<never> {
  const rejection = Promise.reject(error);
  return Object.defineProperty(rejection, 'ctx', { get: () => undefined, set: () => undefined });
}
