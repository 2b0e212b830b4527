/** The gateway's metrics, kept in Moleculer's own registry beside those of the broker. */
import type { ServiceBroker } from 'moleculer';
import { createNameBound } from './operation-name.ts';

export type Outcome =
  /** `data` and no errors. */
  | 'success'
  /** `data` with errors beside it. */
  | 'partial'
  /** Refused: the client's fault. */
  | 'client_error'
  /** Not answered: ours, or a subgraph's. */
  | 'server_error';

export interface GatewayMetrics {
  operation(name: string | undefined, outcome: Outcome, ms: number): void;
  /** An error sent to a client, by code. */
  error(code: string): void;
  /** A fetch from a subgraph; `code` when it failed. */
  fetch(subgraph: string, ms: number, code?: string): void;
  /** To be called before a scrape. */
  supergraph(generation: number, subgraphs: number, unavailable: number): void;
}

const BUCKETS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const MAX_OPERATION_NAMES = 100;
const MAX_SUBGRAPHS = 500;
const MAX_CODES = 100;

/** Does nothing when the broker's metrics are off. Every label that a client or a service chooses is bounded. */
export function createGatewayMetrics(broker: ServiceBroker): GatewayMetrics {
  const { metrics } = broker;
  const counter = (name: string, description: string, labelNames: string[]) =>
    metrics.register({ type: 'counter', name, description, labelNames });
  const gauge = (name: string, description: string) =>
    metrics.register({ type: 'gauge', name, description, labelNames: [] });
  const histogram = (name: string, description: string, labelNames: string[]) =>
    metrics.register({
      type: 'histogram',
      name,
      description,
      labelNames,
      unit: 'millisecond',
      buckets: BUCKETS_MS,
    });

  counter('gateway.operations.total', 'GraphQL operations by name and outcome', ['operation', 'outcome']);
  histogram('gateway.operation.time', 'Time to answer a GraphQL operation in milliseconds', ['operation']);
  counter('gateway.errors.total', 'Errors sent to clients by code', ['code']);
  counter('gateway.subgraph.fetches.total', 'Fetches from subgraphs', ['subgraph']);
  counter('gateway.subgraph.errors.total', 'Fetches from subgraphs that failed, by code', [
    'subgraph',
    'code',
  ]);
  histogram('gateway.subgraph.fetch.time', 'Time of a fetch from a subgraph in milliseconds', ['subgraph']);
  gauge('gateway.supergraph.generation', 'Generation that is being served, 0 before the first');
  gauge('gateway.supergraph.subgraphs', 'Subgraphs in the supergraph');
  gauge('gateway.supergraph.subgraphs.unavailable', 'Subgraphs in the supergraph that have no instance');

  const operationLabel = createNameBound(MAX_OPERATION_NAMES);
  const subgraphLabel = createNameBound(MAX_SUBGRAPHS);
  const codeLabel = createNameBound(MAX_CODES);
  return {
    operation(name, outcome, ms) {
      const operation = operationLabel(name);
      metrics.increment('gateway.operations.total', { operation, outcome });
      metrics.observe('gateway.operation.time', ms, { operation });
    },
    error: (code) => void metrics.increment('gateway.errors.total', { code: codeLabel(code) }),
    fetch(name, ms, code) {
      const subgraph = subgraphLabel(name);
      metrics.increment('gateway.subgraph.fetches.total', { subgraph });
      metrics.observe('gateway.subgraph.fetch.time', ms, { subgraph });
      if (code !== undefined)
        metrics.increment('gateway.subgraph.errors.total', { subgraph, code: codeLabel(code) });
    },
    supergraph(generation, subgraphs, unavailable) {
      metrics.set('gateway.supergraph.generation', generation);
      metrics.set('gateway.supergraph.subgraphs', subgraphs);
      metrics.set('gateway.supergraph.subgraphs.unavailable', unavailable);
    },
  };
}
