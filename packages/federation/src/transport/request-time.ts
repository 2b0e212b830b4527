import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import type { FetchContext } from './transport.ts';

/**
 * The time a fetch may take, in ms: the transport's own limit or what is left of the request's, if that is less.
 *
 * @throws SubgraphFetchError REQUEST_TIMEOUT when nothing is left.
 */
export function remainingTime({ deadline, signal }: FetchContext, limit: number, service: string): number {
  const left = deadline === undefined ? limit : Math.min(limit, deadline - performance.now());
  if (left <= 0 || signal?.aborted) throw new SubgraphFetchError('REQUEST_TIMEOUT', service);
  // A timeout of 0 means none to Moleculer.
  return Math.max(1, Math.ceil(left));
}

/** Waits for `work` no longer than the client does. The work itself may go on: a broker call cannot be called back. */
export function rejectOnAbort<T>(work: Promise<T>, { signal }: FetchContext, service: string): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new SubgraphFetchError('REQUEST_TIMEOUT', service, signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => {
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        reject(error);
      },
    );
  });
}

/** The same, and no longer than the request has time. */
export async function waitFor<T>(work: Promise<T>, context: FetchContext, service: string): Promise<T> {
  const { deadline } = context;
  if (deadline === undefined) return rejectOnAbort(work, context, service);
  const left = remainingTime(context, Number.POSITIVE_INFINITY, service);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SubgraphFetchError('REQUEST_TIMEOUT', service)),
      Math.min(left, 2 ** 31 - 1),
    );
  });
  try {
    return await Promise.race([rejectOnAbort(work, context, service), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
