import type { ConsulApi } from './consul-api.ts';
import { ConsulError } from './errors.ts';

/**
 * Why a registered node does not find itself in Consul's list. Consul leaves out what a token may not see, with status
 * 200: an empty list looks like an empty mesh. Undefined when no rule is missing.
 */
export async function findMissingRule(api: ConsulApi, service: string): Promise<ConsulError | undefined> {
  const { nodes, services } = await api.visible();
  const rule =
    nodes === 0
      ? 'node_prefix "" { policy = "read" }'
      : services.includes(service)
        ? undefined
        : `service_prefix "${service}" { policy = "read" }`;
  if (!rule) return undefined;
  return new ConsulError('denied', `Consul hides this node's own entry from it: the ACL token lacks ${rule}`);
}
