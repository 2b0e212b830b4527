import type { Dispatcher } from 'undici';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import type { FetchContext } from './transport.ts';

export interface HttpAnswer {
  readonly statusCode: number;
  readonly text: string;
}

/**
 * One POST over a pool, by callbacks: streams and abort signals of its own would cost more than the request.
 *
 * @param timeout ms from now to the answer's last byte.
 * @throws SubgraphFetchError REQUEST_TIMEOUT when the client is gone, SUBGRAPH_TIMEOUT when the time is over; what else
 * went wrong on the wire as it came.
 */
export function exchange(
  pool: Dispatcher,
  request: { readonly path: string; readonly headers: readonly string[]; readonly body: string },
  service: string,
  timeout: number,
  { signal }: FetchContext,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let statusCode = 0;
    let ended = false;
    const chunks: Buffer[] = [];

    const end = (): void => {
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      if (ended) return;
      end();
      reject(error);
    };
    const giveUp = (code: 'SUBGRAPH_TIMEOUT' | 'REQUEST_TIMEOUT'): void => {
      const error = new SubgraphFetchError(code, service, signal?.reason);
      fail(error);
      controller?.abort(error);
    };
    const onAbort = (): void => giveUp('REQUEST_TIMEOUT');
    const timer = setTimeout(() => giveUp('SUBGRAPH_TIMEOUT'), timeout);
    signal?.addEventListener('abort', onAbort);

    pool.dispatch(
      { path: request.path, method: 'POST', headers: request.headers as string[], body: request.body },
      {
        onRequestStart(started) {
          controller = started;
          // It waited for a connection longer than anybody waited for its answer.
          if (ended) started.abort(new Error('given up before it was sent'));
        },
        onResponseStart: (_, status) => {
          // 1xx answers may come before the one that counts.
          statusCode = status;
        },
        onResponseData: (_, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd() {
          if (ended) return;
          end();
          resolve({ statusCode, text: textOf(chunks) });
        },
        onResponseError: (_, error) => fail(error),
      },
    );
  });
}

function textOf(chunks: readonly Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
