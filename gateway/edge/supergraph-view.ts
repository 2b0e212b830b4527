/** What the gateway serves and from whom, as one JSON value: /supergraph, /health/ready, the REPL and the metrics. */
import type { FederationGateway } from 'moleculer-federation';

type Status = ReturnType<FederationGateway['supergraph']['status']>;

export interface SupergraphView {
  /** 0 before the first composition. */
  readonly generation: number;
  readonly hash: string | undefined;
  /** ISO 8601. */
  readonly composedAt: string | undefined;
  /** With no instances the fields stay and answer SUBGRAPH_UNAVAILABLE, until `gateway.forget`. */
  readonly subgraphs: Status['subgraphs'];
  /** Schemas that were seen and not taken, and why. */
  readonly refused: Status['refused'];
  /** Schemas that were announced and not read yet. */
  readonly pending: Status['pending'];
  readonly sdl: string | undefined;
}

export function supergraphView({ supergraph }: FederationGateway): SupergraphView {
  const { generation, subgraphs, refused, pending } = supergraph.status();
  return {
    generation: generation?.id ?? 0,
    hash: generation?.hash,
    composedAt: generation?.createdAt,
    subgraphs,
    refused,
    pending,
    sdl: supergraph.current?.supergraphSdl,
  };
}

export const unavailableSubgraphs = ({ subgraphs }: SupergraphView): readonly string[] =>
  subgraphs.filter(({ instances }) => instances.length === 0).map(({ name }) => name);
