/** Which processes a cluster is made of. */
import { UsageError } from '../cli/run.ts';

/** One process: a node of the mesh that runs one unit (a service's folder, or the gateway). */
export interface NodeSpec {
  /** Also its Moleculer node id, `orders-1`. */
  readonly name: string;
  readonly unit: string;
  /** Gateways only. */
  readonly port?: number;
}

/** Reads `orders=3,gateway=2`. @throws UsageError for anything that is not units with a count from 1 to 20. */
export function parseReplicas(text: string, units: readonly string[]): Map<string, number> {
  const replicas = new Map<string, number>();
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const match = /^([\w.-]+)=(\d{1,2})$/.exec(part);
    const count = Number(match?.[2]);
    if (!match?.[1] || count < 1 || count > 20) {
      throw new UsageError(
        `--replicas takes service=count with counts from 1 to 20, as in orders=3,gateway=2; not ${part}`,
      );
    }
    if (!units.includes(match[1])) {
      throw new UsageError(`--replicas: no service ${match[1]}: there are ${units.join(', ')}`);
    }
    replicas.set(match[1], count);
  }
  return replicas;
}

/** Nodes in the order of `units`; gateways take consecutive ports from `port`, or any free ones when it is 0. */
export function planNodes(
  units: readonly string[],
  replicas: ReadonlyMap<string, number>,
  port: number,
): NodeSpec[] {
  return units.flatMap((unit) =>
    Array.from({ length: replicas.get(unit) ?? 1 }, (_, index) => {
      const node = { name: `${unit}-${index + 1}`, unit };
      return unit === 'gateway' ? { ...node, port: port === 0 ? 0 : port + index } : node;
    }),
  );
}
