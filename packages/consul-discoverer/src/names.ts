/**
 * Every name the discoverer uses in Consul.
 *
 *     moleculer[-<namespace>]                     catalogue: the nodes
 *     moleculer[-<namespace>]--<service>          catalogue: one Moleculer service
 *     moleculer[-<namespace>]/info/<nodeID>       KV: the node's INFO
 *
 * All begin with `moleculer`, so that one ACL prefix covers them and none mixes with another system's services.
 */
import { createHash } from 'node:crypto';

/** A DNS label has 63 characters: 10 + 20 for the root, 2 between, 31 for the service. */
const NAMESPACE_LENGTH = 20;
const SERVICE_LENGTH = 31;

export interface Names {
  /** Catalogue service under which every node of the mesh is an instance; also the ACL prefix. */
  readonly nodes: string;
  readonly infoPrefix: string;
  infoKey(nodeID: string): string;
  /** Service id of the node's entry, unique on its agent; a restart under the same nodeID takes the entry over. */
  nodeEntry(nodeID: string): string;
  nodeCheck(nodeID: string): string;
  /** DNS-safe catalogue name of a Moleculer service; `fullName` such as `v2.orders`. */
  service(fullName: string): string;
  serviceEntry(nodeID: string, fullName: string): string;
  /** What the id of every service entry of this node begins with. */
  serviceEntryPrefix(nodeID: string): string;
}

export function createNames(namespace: string): Names {
  const root = namespace ? `moleculer-${dnsSafe(namespace, NAMESPACE_LENGTH)}` : 'moleculer';
  // Node ids may hold any character; encoded, no node's prefix is another node's entry.
  const nodeEntry = (nodeID: string) => `${root}:${encodeURIComponent(nodeID)}`;
  return {
    nodes: root,
    infoPrefix: `${root}/info/`,
    infoKey: (nodeID) => `${root}/info/${nodeID}`,
    nodeEntry,
    nodeCheck: (nodeID) => `service:${nodeEntry(nodeID)}`,
    service: (fullName) => `${root}--${dnsSafe(fullName, SERVICE_LENGTH)}`,
    serviceEntry: (nodeID, fullName) => `${nodeEntry(nodeID)}:${fullName}`,
    serviceEntryPrefix: (nodeID) => `${nodeEntry(nodeID)}:`,
  };
}

/**
 * Letters, digits and single hyphens. `v2.orders` becomes `v2-orders`; whatever would lose more than that gets a hash,
 * so that two different names never share an entry. Never contains `--`, which separates namespace and service.
 */
function dnsSafe(name: string, length: number): string {
  const plain = name.replaceAll('.', '-');
  if (plain.length <= length && /^[a-z0-9]+(-[a-z0-9]+)*$/i.test(plain)) return plain;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const cleaned = name
    .replaceAll(/[^a-z0-9]+/gi, '-')
    .slice(0, length - 9)
    .replaceAll(/^-|-$/g, '');
  return cleaned ? `${cleaned}-${hash}` : hash;
}
