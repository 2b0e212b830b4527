import type { SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import type { SubgraphDefinition } from '../supergraph/subgraph.ts';
import { Deadlines } from './deadlines.ts';
import { exchange } from './http-exchange.ts';
import type { HttpOrigin } from './http-origin.ts';
import { Http1Origin } from './http1/origin.ts';
import { SubgraphFetchError } from './subgraph-fetch-error.ts';
import { parseSubgraphResponse } from './subgraph-response.ts';
import type { FetchContext, SubgraphTransport } from './transport.ts';
import { UndiciOrigin } from './undici-origin.ts';

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

/** Carries fetches as GraphQL over HTTP POST, over kept-alive connections, shared by all URLs of one origin. */
export class HttpTransport implements SubgraphTransport {
  readonly kind = 'http';
  readonly #options: HttpTransportOptions;
  readonly #deadlines = new Deadlines();
  readonly #origins = new Map<string, HttpOrigin>();
  /** By the subgraph's URL. */
  readonly #routes = new Map<string, { readonly origin: HttpOrigin; readonly path: string }>();

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
    const origins = [...this.#origins.values()];
    this.#origins.clear();
    this.#routes.clear();
    await Promise.all(origins.map((origin) => origin.close()));
    this.#deadlines.clear();
  }

  #exchange(
    { name, route }: SubgraphDefinition,
    body: string,
    operation: 'query' | 'mutation' | 'subscription',
    context: FetchContext,
  ): Promise<string> {
    if (route.kind !== 'http')
      return Promise.reject(
        new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name, new Error('not an HTTP route')),
      );
    const { origin, path } = this.#routeTo(route.url);
    return exchange({
      origin,
      request: { path, headers: headersOf(context), body },
      service: name,
      operation,
      context,
      timeout: this.#options.timeout,
      deadlines: this.#deadlines,
    });
  }

  #routeTo(address: string): { readonly origin: HttpOrigin; readonly path: string } {
    const known = this.#routes.get(address);
    if (known) return known;
    const url = new URL(address);
    const route = { origin: this.#originOf(url), path: url.pathname + url.search };
    this.#routes.set(address, route);
    return route;
  }

  #originOf(url: URL): HttpOrigin {
    const known = this.#origins.get(url.origin);
    if (known) return known;
    const limits = {
      connections: this.#options.connections ?? CONNECTIONS,
      maxResponseBytes: this.#options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
      connectTimeout: this.#options.timeout,
    };
    const origin =
      url.protocol === 'http:'
        ? new Http1Origin(url, limits, this.#deadlines)
        : new UndiciOrigin(url, limits);
    this.#origins.set(url.origin, origin);
    return origin;
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
