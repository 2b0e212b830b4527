/** Runs one operation on the engine, inside its time and only for as long as somebody waits for the answer. */
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Context } from 'moleculer';
import type { FetchContext, TextResult } from 'moleculer-federation';

interface Refused {
  readonly errors: readonly GraphQLError[];
}

/** How long after the deadline the engine may take to gather what it has; then the edge answers without it. */
const LAST_CALL_MS = 250;

/**
 * Never rejects. At the deadline the engine is told to stop and may still answer with partial data; an engine that
 * does not is left behind with `REQUEST_TIMEOUT`.
 */
export function runOperation<T extends ExecutionResult | TextResult>(
  execute: (context: FetchContext) => Promise<T>,
  options: {
    readonly ctx: Context;
    /** Forwarded to HTTP subgraphs. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    /** Called with the function that abandons the operation, for a client that goes away. */
    readonly onStart?: (abandon: () => void) => void;
  },
): Promise<T | Refused> {
  const { ctx, headers, timeoutMs } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const deadline = performance.now() + timeoutMs;
  return new Promise((resolve) => {
    let settled = false;
    const settle = (result: T | Refused) => {
      settled = true;
      clearTimeout(timer);
      resolve(result);
    };
    const abandon = () => {
      if (settled) return;
      controller.abort();
      clearTimeout(timer);
      timer = setTimeout(() => settle(timedOut(timeoutMs)), LAST_CALL_MS);
    };
    const fail = (error: unknown) =>
      settle({ errors: [new GraphQLError('Internal server error', { originalError: error as Error })] });
    let timer = setTimeout(abandon, timeoutMs);
    options.onStart?.(abandon);
    try {
      execute(headers ? { ctx, signal, deadline, headers } : { ctx, signal, deadline }).then(settle, fail);
    } catch (error) {
      fail(error);
    }
  });
}

const timedOut = (timeoutMs: number): Refused => ({
  errors: [
    new GraphQLError(`The operation took longer than ${timeoutMs} ms.`, {
      extensions: { code: 'REQUEST_TIMEOUT' },
    }),
  ],
});
