/** The package's front on the gateway side: everything between an HTTP edge and the subgraphs. */
import type { ExecutionResult } from 'graphql';
import type { TextResult } from './execution/execute-operation.ts';
import type { SupergraphManager } from './supergraph/supergraph-manager.ts';
import type { FetchContext } from './transport/transport.ts';

/** A GraphQL request (GraphQL-over-HTTP §5.1), already checked to have these types. */
export interface GraphQLRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

export interface FederationGateway {
  /** Starts sources and composition. Resolves at once: readiness is `supergraph.current !== undefined`. */
  start(): Promise<void>;
  /** Takes no more operations, lets those in flight finish, closes transports and workers. */
  stop(): Promise<void>;
  readonly supergraph: SupergraphManager;
  /**
   * Parses, limits, validates, plans (all cached) and executes. Never rejects: whatever goes wrong is in `errors`
   * with a code. Without `data` nothing ran (a request error); the whole operation runs on one generation.
   */
  execute(request: GraphQLRequest, context: FetchContext): Promise<ExecutionResult>;
  /** The same with `data` as JSON text: what only travels on need not be built as objects. */
  executeToText(request: GraphQLRequest, context: FetchContext): Promise<TextResult>;
}
