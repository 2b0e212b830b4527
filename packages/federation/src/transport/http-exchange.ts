import { abandonment } from './abandonment.ts';
import type { Deadlines, Due } from './deadlines.ts';
import type { HttpOrigin, Posted, PostRequest, Waiter } from './http-origin.ts';
import { remainingTime } from './request-time.ts';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import type { FetchContext } from './transport.ts';
import { WireError } from './wire-error.ts';

export interface HttpFetch {
  readonly origin: HttpOrigin;
  readonly request: PostRequest;
  readonly service: string;
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly context: FetchContext;
  /** ms, its repetition included. */
  readonly timeout: number;
  readonly deadlines: Deadlines;
}

/** Statuses of a proxy or a server that had no part in executing. */
const UNAVAILABLE = new Set([502, 503, 504]);

/** What a connection that was kept alive says when the other side had just closed it. */
const BROKEN = new Set<unknown>(['CLOSED', 'ECONNRESET', 'EPIPE'] satisfies Array<
  WireError['code'] | string
>);

/** One fetch over HTTP: resolves to the body of the answer. Rejects with SubgraphFetchError only. */
export function exchange(fetch: HttpFetch): Promise<string> {
  return new Promise((resolve, reject) => new Exchange(fetch, resolve, reject).start());
}

class Exchange implements Waiter, Due {
  due = 0;
  readonly #fetch: HttpFetch;
  readonly #resolve: (text: string) => void;
  readonly #reject: (error: SubgraphFetchError) => void;
  #posted: Posted | undefined;
  #repeated = false;

  constructor(
    fetch: HttpFetch,
    resolve: (text: string) => void,
    reject: (error: SubgraphFetchError) => void,
  ) {
    this.#fetch = fetch;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** @throws SubgraphFetchError REQUEST_TIMEOUT */
  start(): void {
    const { context, timeout, service, deadlines } = this.#fetch;
    this.due = performance.now() + remainingTime(context, timeout, service);
    deadlines.add(this);
    if (context.signal) abandonment(context.signal).add(this);
    this.#post();
  }

  answered(status: number, text: string): void {
    this.#end();
    if (UNAVAILABLE.has(status)) this.#refuse('SUBGRAPH_UNAVAILABLE', new Error(`HTTP ${status}`));
    else this.#resolve(text);
  }

  failed(error: Error): void {
    if (this.#mayRepeat(error)) {
      this.#repeated = true;
      this.#post();
      return;
    }
    this.#end();
    const tooLarge = error instanceof WireError && error.code === 'TOO_LARGE';
    this.#refuse(tooLarge ? 'RESPONSE_TOO_LARGE' : 'SUBGRAPH_UNAVAILABLE', error);
  }

  expire(): void {
    this.#giveUp('SUBGRAPH_TIMEOUT');
  }

  abandon(): void {
    this.#giveUp('REQUEST_TIMEOUT');
  }

  #post(): void {
    const { origin, request } = this.#fetch;
    try {
      this.#posted = origin.post(request, this);
    } catch (error) {
      this.#end();
      this.#refuse('SUBGRAPH_UNAVAILABLE', error);
    }
  }

  /** A query goes again; a mutation might run twice. */
  #mayRepeat(error: Error): boolean {
    return (
      !this.#repeated && this.#fetch.operation === 'query' && BROKEN.has((error as { code?: unknown }).code)
    );
  }

  #giveUp(code: 'SUBGRAPH_TIMEOUT' | 'REQUEST_TIMEOUT'): void {
    this.#end();
    this.#posted?.giveUp();
    this.#refuse(code, this.#fetch.context.signal?.reason);
  }

  #refuse(code: SubgraphFetchError['code'], cause: unknown): void {
    this.#reject(new SubgraphFetchError(code, this.#fetch.service, cause));
  }

  #end(): void {
    const { context, deadlines } = this.#fetch;
    deadlines.remove(this);
    if (context.signal) abandonment(context.signal).delete(this);
  }
}
