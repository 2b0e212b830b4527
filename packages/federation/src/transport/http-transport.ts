import { errors, Pool } from 'undici';
import type { SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import type { SubgraphDefinition } from '../supergraph/subgraph.ts';
import { exchange, type HttpAnswer } from './http-exchange.ts';
import { remainingTime } from './request-time.ts';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import { parseSubgraphResponse } from './subgraph-response.ts';
import type { FetchContext, SubgraphTransport } from './transport.ts';

export interface HttpTransportOptions {
  /** ms for one fetch, connecting included. */
  readonly timeout: number;
  /** Connections to each origin; 64 by default. */
  readonly connections?: number;
  /** Bytes of one answer; 16 MiB by default. */
  readonly maxResponseBytes?: number;
}

const ACCEPT = 'application/graphql-response+json, application/json';
const CONNECTIONS = 64;
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** Statuses of a proxy or a server that had no part in executing. */
const UNAVAILABLE = new Set([502, 503, 504]);

/** Carries fetches as GraphQL over HTTP POST, over kept-alive connections, one pool for each origin. */
export class HttpTransport implements SubgraphTransport {
  readonly kind = 'http';
  readonly #options: HttpTransportOptions;
  readonly #pools = new Map<string, Pool>();
  /** By the subgraph's URL. */
  readonly #routes = new Map<string, { readonly pool: Pool; readonly path: string }>();

  constructor(options: HttpTransportOptions) {
    this.#options = options;
  }

  async fetch(
    subgraph: SubgraphDefinition,
    request: SubgraphRequest,
    operation: 'query' | 'mutation' | 'subscription',
    context: FetchContext,
  ): Promise<SubgraphResponse> {
    const text = await this.#exchange(subgraph, JSON.stringify(request), operation, context);
    return parseSubgraphResponse(text, subgraph.name);
  }

  fetchText(subgraph: SubgraphDefinition, body: string, context: FetchContext): Promise<string> {
    return this.#exchange(subgraph, body, 'query', context);
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    this.#routes.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  async #exchange(
    { name, route }: SubgraphDefinition,
    body: string,
    operation: 'query' | 'mutation' | 'subscription',
    context: FetchContext,
  ): Promise<string> {
    if (route.kind !== 'http')
      throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name, new Error('not an HTTP route'));
    const { pool, path } = this.#originOf(route.url);
    const request = { path, headers: headersOf(context), body };
    try {
      return await this.#send(pool, name, request, context);
    } catch (error) {
      if (!mayRepeat(error, operation)) throw error;
      return await this.#send(pool, name, request, context);
    }
  }

  async #send(
    pool: Pool,
    name: string,
    request: { readonly path: string; readonly headers: readonly string[]; readonly body: string },
    context: FetchContext,
  ): Promise<string> {
    const timeout = remainingTime(context, this.#options.timeout, name);
    let answer: HttpAnswer;
    try {
      answer = await exchange(pool, request, name, timeout, context);
    } catch (error) {
      if (error instanceof SubgraphFetchError) throw error;
      const tooLarge = error instanceof errors.ResponseExceededMaxSizeError;
      throw new SubgraphFetchError(tooLarge ? 'RESPONSE_TOO_LARGE' : 'SUBGRAPH_UNAVAILABLE', name, error);
    }
    if (UNAVAILABLE.has(answer.statusCode))
      throw new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name, new Error(`HTTP ${answer.statusCode}`));
    return answer.text;
  }

  #originOf(address: string): { readonly pool: Pool; readonly path: string } {
    const known = this.#routes.get(address);
    if (known) return known;
    const url = new URL(address);
    const route = { pool: this.#poolOf(url), path: url.pathname + url.search };
    this.#routes.set(address, route);
    return route;
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

function headersOf(context: FetchContext): readonly string[] {
  const headers = ['content-type', 'application/json', 'accept', ACCEPT];
  const { traceparent } = traceHeaders(context);
  if (traceparent !== undefined && context.headers?.traceparent === undefined)
    headers.push('traceparent', traceparent);
  for (const name in context.headers)
    if (name !== 'content-type' && name !== 'accept') headers.push(name, context.headers[name]!);
  return headers;
}

/** The trace goes on also where the caller is a broker action and no client's headers are at hand. */
function traceHeaders({ ctx }: FetchContext): { readonly traceparent?: string } {
  const { traceparent } = (ctx?.meta ?? {}) as { readonly traceparent?: unknown };
  return typeof traceparent === 'string' ? { traceparent } : {};
}

/** A kept-alive connection may be closed under a request: a query goes again, a mutation only if it was never sent. */
function mayRepeat(error: unknown, operation: 'query' | 'mutation' | 'subscription'): boolean {
  if (!(error instanceof SubgraphFetchError) || error.code !== 'SUBGRAPH_UNAVAILABLE') return false;
  const code = (error.cause as { code?: unknown } | undefined)?.code;
  if (code === 'ECONNREFUSED') return false;
  return operation === 'query' && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE');
}
