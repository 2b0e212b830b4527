import type { CompositionFault } from './compose.ts';
import type { SubgraphRoute } from './subgraph.ts';

/** What the supergraph is made of now, what was kept out of it and why: fit for JSON, an endpoint shows it as it is. */
export interface SupergraphStatus {
  readonly generation: GenerationStatus | undefined;
  readonly subgraphs: readonly SubgraphStatus[];
  readonly refused: readonly RefusedSubgraph[];
  readonly pending: readonly PendingSubgraph[];
  /** Superseded generations on which operations still run. */
  readonly retiring: ReadonlyArray<{ readonly id: number; readonly inFlight: number }>;
}

export interface GenerationStatus {
  readonly id: number;
  readonly hash: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly inFlight: number;
}

export interface SubgraphStatus {
  readonly name: string;
  readonly hash: string;
  readonly route: SubgraphRoute;
  /** Node ids or URLs that serve this very hash; none: its fields answer SUBGRAPH_UNAVAILABLE. */
  readonly instances: readonly string[];
  /** Other hashes of the subgraph that are alive, as in a rolling deploy. */
  readonly others: ReadonlyArray<{ readonly hash: string; readonly instances: readonly string[] }>;
}

/** A change that would not compose: the supergraph goes on without it. */
export interface RefusedSubgraph {
  readonly name: string;
  readonly hash: string;
  readonly reason: string;
  readonly faults: readonly CompositionFault[];
  /** ISO 8601, when it was first refused. */
  readonly since: string;
}

/** A subgraph that is seen, but whose SDL has not been read yet. */
export interface PendingSubgraph {
  readonly name: string;
  readonly hash: string;
  readonly reason?: string;
}
