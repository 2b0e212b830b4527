import type { ExecutionResult, GraphQLError } from 'graphql';
import type { ServiceBroker } from 'moleculer';
import { codedError } from './coded-error.ts';
import {
  type ExecuteOptions,
  executeOperation,
  executeOperationToText,
  type TextResult,
} from './execution/execute-operation.ts';
import type { FederationGateway, GraphQLRequest } from './gateway.ts';
import { type Logger, silentLogger } from './logger.ts';
import { defaultLimits, type OperationLimits } from './operation/limits.ts';
import type { Planning } from './planning/planner.ts';
import { WorkerPlanning } from './planning/worker-planning.ts';
import { Composer } from './supergraph/composer.ts';
import { RegistrySource } from './supergraph/registry-source.ts';
import type { SupergraphSnapshot } from './supergraph/snapshot.ts';
import type { SubgraphSource } from './supergraph/subgraph.ts';
import { SupergraphManager } from './supergraph/supergraph-manager.ts';
import { BrokerTransport } from './transport/broker-transport.ts';
import { HttpTransport } from './transport/http-transport.ts';
import { SharedFetches } from './transport/shared-fetches.ts';
import type { FetchContext, SubgraphTransport } from './transport/transport.ts';

export interface FederationGatewayOptions {
  /** Its registry is a source and its calls are a transport, besides those named below. */
  readonly broker?: ServiceBroker;
  /** More places to find subgraphs, `new FileSource(path)`. */
  readonly sources?: readonly SubgraphSource[];
  /** Instead of the built-in transport of the same kind. */
  readonly transports?: readonly SubgraphTransport[];
  readonly limits?: Partial<OperationLimits>;
  /** Default true. */
  readonly introspection?: boolean;
  /** ms that one fetch may take, 10,000 by default; the request's own deadline can only shorten it. */
  readonly fetchTimeout?: number;
  readonly snapshot?: SupergraphSnapshot;
  /** Where plans are made: by default in a thread of this gateway's own. Closed by `stop`. */
  readonly planning?: Planning;
  /** `compiled` by default; `plain` is the reference that tests hold it to. */
  readonly executor?: 'plain' | 'compiled';
  /** Identical queries to a subgraph, on behalf of the same identity, share one fetch. Default true. */
  readonly shareFetches?: boolean;
  /** The broker's, where there is one; else none. */
  readonly logger?: Logger;
}

const FETCH_TIMEOUT_MS = 10_000;

/** Puts the parts together: sources → supergraph manager → operations → execution → transports. */
export function createFederationGateway(options: FederationGatewayOptions): FederationGateway {
  const { broker, fetchTimeout = FETCH_TIMEOUT_MS } = options;
  const logger: Logger = options.logger ?? broker?.getLogger('federation') ?? silentLogger;
  const transports = new Map<string, SubgraphTransport>();
  for (const transport of [
    ...(broker ? [new BrokerTransport(broker, fetchTimeout)] : []),
    new HttpTransport({ timeout: fetchTimeout }),
    ...(options.transports ?? []),
  ]) {
    transports.set(transport.kind, transport);
  }
  const supergraph = new SupergraphManager({
    sources: [...(broker ? [new RegistrySource(broker)] : []), ...(options.sources ?? [])],
    composer: new Composer(),
    planning: options.planning ?? new WorkerPlanning(),
    snapshot: options.snapshot,
    logger,
    operations: {
      limits: { ...defaultLimits, ...options.limits },
      introspection: options.introspection ?? true,
    },
  });
  const shared = (options.shareFetches ?? true) ? new SharedFetches() : undefined;
  let running = 0;
  let stopping = false;
  /** Resolves when nothing runs any more; made by `stop`. */
  let idle: PromiseWithResolvers<void> | undefined;

  /** Finds the operation and has it executed, on the generation that is current now. */
  const run = async <T extends ExecutionResult | TextResult>(
    request: GraphQLRequest,
    context: FetchContext,
    executor: (options: ExecuteOptions) => Promise<T>,
  ): Promise<T | Refused> => {
    const generation = supergraph.current;
    if (!generation || stopping) {
      const message = stopping ? 'The gateway is stopping.' : 'No supergraph has been composed yet.';
      return { errors: [codedError('SUPERGRAPH_UNAVAILABLE', message)] };
    }
    running++;
    try {
      return await generation.run<T | Refused>(async () => {
        const prepared = generation.operations.prepare(request.query, request.operationName);
        if ('errors' in prepared) return { errors: prepared.errors };
        const variables = request.variables ?? {};
        return executor({
          generation,
          transports,
          prepared,
          variables,
          context,
          executor: options.executor ?? 'compiled',
          shared,
        });
      });
    } catch (error) {
      logger.error(
        `An operation failed by a fault of the gateway: ${error instanceof Error ? error.stack : String(error)}`,
      );
      return {
        errors: [codedError('INTERNAL_SERVER_ERROR', 'Internal server error.', undefined, { cause: error })],
      };
    } finally {
      running--;
      if (running === 0) idle?.resolve();
    }
  };

  return {
    supergraph,
    start: () => supergraph.start(),
    stop: async () => {
      stopping = true;
      idle ??= Promise.withResolvers();
      if (running === 0) idle.resolve();
      await idle.promise;
      await supergraph.stop();
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
    execute: (request, context) => run(request, context, executeOperation),
    executeToText: (request, context) => run(request, context, executeOperationToText),
  };
}

interface Refused {
  readonly errors: readonly GraphQLError[];
}
