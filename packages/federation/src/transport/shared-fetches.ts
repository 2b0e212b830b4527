import { waitFor } from './request-time.ts';
import type { FetchContext } from './transport.ts';

/**
 * Lets identical queries that are under way to a subgraph share one fetch. Identical: the same subgraph in the same
 * version, the same body, and everything by which the subgraph could tell the callers apart.
 *
 * What is shared was asked after it was needed, but maybe before another client's mutation was: a reader can see a
 * state that is as old as the fetch it joined.
 */
export class SharedFetches {
  readonly #underWay = new Map<string, Promise<unknown>>();

  /**
   * Joins the fetch under `key` or starts it. It belongs to no request, so it is started without a client's signal and
   * deadline; each request waits for it within its own.
   */
  join<T>(key: string, context: FetchContext, service: string, start: () => Promise<T>): Promise<T> {
    const known = this.#underWay.get(key) as Promise<T> | undefined;
    if (known) return waitFor(known, context, service);
    const started = start();
    this.#underWay.set(key, started);
    const end = (): void => void this.#underWay.delete(key);
    started.then(end, end);
    return waitFor(started, context, service);
  }
}

/** Differ with every request, and decide nothing. */
const PER_REQUEST = new Set(['traceparent', 'tracestate', 'x-request-id']);

/** All that a subgraph is told of the caller, as text. Undefined when text cannot tell it: such a fetch is not shared. */
export function callerKey({ ctx, headers }: FetchContext): string | undefined {
  const told = (values: Readonly<Record<string, unknown>> | undefined) =>
    Object.entries(values ?? {}).filter(([name]) => !PER_REQUEST.has(name));
  try {
    return JSON.stringify(
      [told(ctx?.meta as Record<string, unknown> | undefined), told(headers)],
      refuseUntold,
    );
  } catch {
    return undefined;
  }
}

/** JSON would write two different Maps alike: two callers would be taken for one. */
function refuseUntold(_: string, value: unknown): unknown {
  const plain =
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    Object.getPrototypeOf(value) === Object.prototype;
  if (!plain || typeof value === 'function' || typeof value === 'symbol') throw new Error('not JSON');
  return value;
}
