import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { ServiceBroker } from 'moleculer';
import {
  BrokerTransport,
  createFederationGateway,
  type FederationGateway,
  FileSnapshot,
  FileSource,
  HttpTransport,
} from 'moleculer-federation';
import type { GatewayConfig } from '../config.ts';
import { meteredTransport } from './metered-transport.ts';
import type { GatewayMetrics } from './metrics.ts';

/** The federation engine as this application configures it. Not started. */
export function createEngine(
  broker: ServiceBroker,
  config: GatewayConfig,
  metrics: GatewayMetrics,
): FederationGateway {
  const timeout = config.requestTimeout;
  return createFederationGateway({
    broker,
    sources: config.subgraphsFile === undefined ? [] : [new FileSource(config.subgraphsFile)],
    transports: [
      meteredTransport(new BrokerTransport(broker, timeout), metrics),
      meteredTransport(new HttpTransport({ timeout }), metrics),
    ],
    limits: {
      maxTokens: config.limits.tokens,
      maxDepth: config.limits.depth,
      maxAliases: config.limits.aliases,
      maxSelections: config.limits.selections,
    },
    introspection: config.introspection,
    shareFetches: config.subgraphDedup,
    fetchTimeout: timeout,
    snapshot: new FileSnapshot(join(config.dataDir, snapshotName(broker.nodeID, config.subgraphsFile))),
  });
}

/**
 * One file per gateway, the same after a restart: gateways that share a folder must not serve what another composed.
 * Moleculer's default node id ends in the process id, which the next process does not have.
 */
function snapshotName(nodeID: string, subgraphsFile: string | undefined): string {
  const node = nodeID.replace(new RegExp(`-${process.pid}$`), '').replace(/[^\w.-]/g, '_');
  if (subgraphsFile === undefined) return `supergraph-${node}.json`;
  const file = createHash('sha256').update(resolve(subgraphsFile)).digest('hex').slice(0, 8);
  return `supergraph-${node}-${file}.json`;
}
