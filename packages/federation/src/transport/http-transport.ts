import { errors, Pool } from 'undici';
import type { SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import type { SubgraphDefinition } from '../supergraph/subgraph.ts';
import { remainingTime } from './request-time.ts';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import { toSubgraphResponse } from './subgraph-response.ts';
import type { FetchContext, SubgraphTransport } from './transport.ts';

export interface HttpTransportOptions {
  /** ms for one fetch, connecting included. */
  readonly timeout: number;
  /** Connections to each origin; 64 by default. */
  readonly connections?: number;
  /** Bytes of one answer; 16 MiB by default. */
  readonly maxResponseBytes?: number;
}

const CONNECTIONS = 64;
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** Statuses of a proxy or a server that had no part in executing. */
const UNAVAILABLE = new Set([502, 503, 504]);

/** Carries fetches as GraphQL over HTTP POST, over kept-alive connections, one pool for each origin. */
export class HttpTransport implements SubgraphTransport {
  readonly kind = 'http';
  readonly #options: HttpTransportOptions;
  readonly #pools = new Map<string, Pool>();

  constructor(options: HttpTransportOptions) {
    this.#options = options;
  }

  async fetch(
    { name, route }: SubgraphDefinition,
    request: SubgraphRequest,
    operation: 'query' | 'mutation' | 'subscription',
    context: FetchContext,
  ): Promise<SubgraphResponse> {
    if (route.kind !== 'http')
      throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name, new Error('not an HTTP route'));
    const url = new URL(route.url);
    const send = (): Promise<SubgraphResponse> => this.#send(name, url, request, context);
    try {
      return await send();
    } catch (error) {
      if (!mayRepeat(error, operation)) throw error;
      return await send();
    }
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  async #send(
    name: string,
    url: URL,
    request: SubgraphRequest,
    context: FetchContext,
  ): Promise<SubgraphResponse> {
    const timeout = AbortSignal.timeout(remainingTime(context, this.#options.timeout, name));
    const signal = context.signal ? AbortSignal.any([timeout, context.signal]) : timeout;
    let statusCode: number;
    let text: string;
    try {
      const response = await this.#poolOf(url).request({
        path: url.pathname + url.search,
        method: 'POST',
        headers: {
          ...traceHeaders(context),
          ...context.headers,
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
        },
        body: JSON.stringify(request),
        signal,
      });
      statusCode = response.statusCode;
      text = await response.body.text();
    } catch (error) {
      if (context.signal?.aborted) throw new SubgraphFetchError('REQUEST_TIMEOUT', name, error);
      if (timeout.aborted) throw new SubgraphFetchError('SUBGRAPH_TIMEOUT', name, error);
      const tooLarge = error instanceof errors.ResponseExceededMaxSizeError;
      throw new SubgraphFetchError(tooLarge ? 'RESPONSE_TOO_LARGE' : 'SUBGRAPH_UNAVAILABLE', name, error);
    }
    if (UNAVAILABLE.has(statusCode))
      throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name, new Error(`HTTP ${statusCode}`));
    return toSubgraphResponse(parseJson(text, statusCode, name), name);
  }

  #poolOf(url: URL): Pool {
    const known = this.#pools.get(url.origin);
    if (known) return known;
    const pool = new Pool(url.origin, {
      connections: this.#options.connections ?? CONNECTIONS,
      maxResponseSize: this.#options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
      connectTimeout: this.#options.timeout,
    });
    this.#pools.set(url.origin, pool);
    return pool;
  }
}

/** The trace goes on also where the caller is a broker action and no client's headers are at hand. */
function traceHeaders({ ctx }: FetchContext): { readonly traceparent?: string } {
  const { traceparent } = (ctx?.meta ?? {}) as { readonly traceparent?: unknown };
  return typeof traceparent === 'string' ? { traceparent } : {};
}

function parseJson(text: string, statusCode: number, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SubgraphFetchError(
      'SUBGRAPH_INVALID_RESPONSE',
      name,
      new Error(`HTTP ${statusCode}, and the body is not JSON`),
    );
  }
}

/** A kept-alive connection may be closed under a request: a query goes again, a mutation only if it was never sent. */
function mayRepeat(error: unknown, operation: 'query' | 'mutation' | 'subscription'): boolean {
  if (!(error instanceof SubgraphFetchError) || error.code !== 'SUBGRAPH_UNAVAILABLE') return false;
  const code = (error.cause as { code?: unknown } | undefined)?.code;
  if (code === 'ECONNREFUSED') return false;
  return operation === 'query' && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE');
}
