import type { Context } from 'moleculer';
import type { SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import type { SubgraphDefinition } from '../supergraph/subgraph.ts';

/** What one client request hands to each of its fetches. */
export interface FetchContext {
  /** The Moleculer context the calls hang from: caller, request id, meta (identity, trace). Absent over plain HTTP. */
  readonly ctx?: Context;
  /** Headers that may be forwarded to HTTP subgraphs, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborted when the client is gone or the request's time is over. */
  readonly signal?: AbortSignal;
  /** `performance.now()` after which nobody waits for the answer any more. */
  readonly deadline?: number;
}

/**
 * Carries one Fetch of a query plan to a subgraph.
 *
 * Contract: answers with the subgraph's GraphQL response, its errors included. Rejects only with a SubgraphFetchError,
 * when there is no GraphQL response: nobody there, too late, garbage. Queries may be sent again by the transport;
 * mutations only when they provably did not run.
 */
export interface SubgraphTransport {
  readonly kind: SubgraphDefinition['route']['kind'];
  fetch(
    subgraph: SubgraphDefinition,
    request: SubgraphRequest,
    operation: 'query' | 'mutation' | 'subscription',
    context: FetchContext,
  ): Promise<SubgraphResponse>;
  /**
   * The same for a query whose body, a SubgraphRequest as JSON, is written already: resolves to the body of the
   * answer, unread. Absent where neither travels as JSON.
   */
  fetchText?(subgraph: SubgraphDefinition, body: string, context: FetchContext): Promise<string>;
  close(): Promise<void>;
}
