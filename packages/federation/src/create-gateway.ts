import type { ExecutionResult } from 'graphql';
import type { ServiceBroker } from 'moleculer';
import { codedError } from './coded-error.ts';
import { executeOperation } from './execution/execute-operation.ts';
import type { FederationGateway, GraphQLRequest } from './gateway.ts';
import { type Logger, silentLogger } from './logger.ts';
import { defaultLimits, type OperationLimits } from './operation/limits.ts';
import { Composer } from './supergraph/composer.ts';
import { RegistrySource } from './supergraph/registry-source.ts';
import type { SupergraphSnapshot } from './supergraph/snapshot.ts';
import type { SubgraphSource } from './supergraph/subgraph.ts';
import { SupergraphManager } from './supergraph/supergraph-manager.ts';
import { BrokerTransport } from './transport/broker-transport.ts';
import { HttpTransport } from './transport/http-transport.ts';
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
    snapshot: options.snapshot,
    logger,
    operations: {
      limits: { ...defaultLimits, ...options.limits },
      introspection: options.introspection ?? true,
    },
  });
  const running = new Set<Promise<ExecutionResult>>();
  let stopping = false;

  const execute = async (request: GraphQLRequest, context: FetchContext): Promise<ExecutionResult> => {
    const generation = supergraph.current;
    if (!generation || stopping) {
      const message = stopping ? 'The gateway is stopping.' : 'No supergraph has been composed yet.';
      return { errors: [codedError('SUPERGRAPH_UNAVAILABLE', message)] };
    }
    try {
      return await generation.run(async () => {
        const prepared = generation.operations.prepare(request.query, request.operationName);
        if ('errors' in prepared) return { errors: prepared.errors };
        return executeOperation({
          generation,
          transports,
          prepared,
          variables: request.variables ?? {},
          context,
        });
      });
    } catch (error) {
      logger.error(
        `An operation failed by a fault of the gateway: ${error instanceof Error ? error.stack : String(error)}`,
      );
      return {
        errors: [codedError('INTERNAL_SERVER_ERROR', 'Internal server error.', undefined, { cause: error })],
      };
    }
  };

  return {
    supergraph,
    start: () => supergraph.start(),
    stop: async () => {
      stopping = true;
      await Promise.allSettled(running);
      await supergraph.stop();
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
    execute: (request, context) => {
      const result = execute(request, context);
      running.add(result);
      return result.finally(() => running.delete(result));
    },
  };
}
