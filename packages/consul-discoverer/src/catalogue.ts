/** What a node puts into Consul's catalogue, made from its INFO, and how another node reads it back. Pure. */
import type { Names } from './names.ts';
import type { NodeInfo, ServiceInfo } from './node-info.ts';

/** Consul takes no less than a minute here; a dead node's entries leave the catalogue after it. */
const DEREGISTER_AFTER = '1m';

/** Body of `PUT /v1/agent/service/register`, in the `consul` client's spelling. */
export interface Registration {
  readonly id: string;
  readonly name: string;
  readonly address?: string;
  readonly port?: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly check: Readonly<Record<string, string>>;
}

/** One instance out of `GET /v1/health/service/<nodes>`. */
export interface CatalogueNode {
  readonly nodeID: string;
  readonly instanceID: string;
  readonly seq: number;
  readonly infoHash: string;
  /** Grows with each change of this entry, within one life of the servers' data. */
  readonly modifyIndex: number;
  readonly healthy: boolean;
}

export interface Place {
  readonly names: Names;
  readonly namespace: string;
  readonly ttlMs: number;
  /** Left out: the agent's address. */
  readonly address: string | undefined;
}

/**
 * The node's own entry. Its Meta is the commit signal of an INFO: it names a sequence number whose INFO is already in
 * the KV store, so whoever sees the entry can read the INFO.
 */
export function nodeRegistration(info: NodeInfo, infoHash: string, place: Place): Registration {
  return {
    id: place.names.nodeEntry(info.sender),
    name: place.names.nodes,
    ...(place.address ? { address: place.address } : {}),
    tags: ['moleculer-node'],
    meta: {
      namespace: place.namespace,
      nodeID: info.sender,
      instanceID: info.instanceID,
      seq: String(info.seq),
      infoHash,
    },
    check: {
      checkid: place.names.nodeCheck(info.sender),
      name: 'Moleculer heartbeat',
      ttl: `${place.ttlMs}ms`,
      // Consul's default is critical: the node would be announced dead until its first beat.
      status: 'passing',
      deregistercriticalserviceafter: DEREGISTER_AFTER,
    },
  };
}

/** One entry per Moleculer service (internal ones, `$node`, left out), each as healthy as its node. */
export function serviceRegistrations(info: NodeInfo, place: Place): Registration[] {
  return info.services
    .filter((service) => !service.name.startsWith('$'))
    .map((service) => serviceRegistration(info, service, place));
}

function serviceRegistration(info: NodeInfo, service: ServiceInfo, place: Place): Registration {
  const fullName = service.fullName ?? service.name;
  const subgraph = httpSubgraph(service.metadata);
  const id = place.names.serviceEntry(info.sender, fullName);
  return {
    id,
    name: place.names.service(fullName),
    ...(place.address ? { address: place.address } : {}),
    ...(subgraph ? { port: subgraph.port } : {}),
    tags: subgraph ? ['moleculer', 'subgraph'] : ['moleculer'],
    meta: {
      namespace: place.namespace,
      nodeID: info.sender,
      service: fullName,
      ...(subgraph ? { path: subgraph.path, hash: subgraph.hash } : {}),
    },
    check: {
      checkid: `service:${id}`,
      name: 'Moleculer node',
      aliasservice: place.names.nodeEntry(info.sender),
      status: 'passing',
      deregistercriticalserviceafter: DEREGISTER_AFTER,
    },
  };
}

/** `metadata.subgraph` of a service that also answers GraphQL over HTTP; undefined for every other. */
function httpSubgraph(metadata: unknown): { port: number; path: string; hash: string } | undefined {
  const found = (
    metadata as { subgraph?: { hash?: unknown; http?: { port?: unknown; path?: unknown } } } | null
  )?.subgraph;
  const { port, path } = found?.http ?? {};
  if (typeof port !== 'number' || typeof path !== 'string' || typeof found?.hash !== 'string')
    return undefined;
  return { port, path, hash: found.hash };
}

/** Reads a health answer. Entries of another namespace (Consul's names ignore case) or without our Meta are left out. */
export function readCatalogue(body: unknown, namespace: string): CatalogueNode[] {
  if (!Array.isArray(body)) return [];
  return (body as HealthEntry[]).flatMap(({ Service, Checks }) => {
    const { nodeID, instanceID, infoHash, ...meta } = Service?.Meta ?? {};
    const seq = Number(meta.seq);
    if (!nodeID || !instanceID || !infoHash || !Number.isInteger(seq)) return [];
    if ((meta.namespace ?? '') !== namespace) return [];
    const healthy = (Checks ?? []).every((check) => check.Status !== 'critical');
    return [{ nodeID, instanceID, seq, infoHash, modifyIndex: Service?.ModifyIndex ?? 0, healthy }];
  });
}

interface HealthEntry {
  readonly Service?: {
    readonly Meta?: Readonly<Record<string, string>> | null;
    readonly ModifyIndex?: number;
  };
  readonly Checks?: ReadonlyArray<{ readonly Status: string }> | null;
}
