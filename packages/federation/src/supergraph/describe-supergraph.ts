import type { Generation } from './generation.ts';
import type { Refusals } from './refusals.ts';
import type { SdlReader } from './sdl-reader.ts';
import type { Sightings } from './sightings.ts';
import type { PendingSubgraph, SubgraphStatus, SupergraphStatus } from './status.ts';
import type { SubgraphDefinition } from './subgraph.ts';

interface ManagerState {
  readonly current: Generation | undefined;
  readonly accepted: ReadonlyMap<string, SubgraphDefinition>;
  readonly sightings: Sightings;
  readonly sdls: SdlReader;
  readonly refusals: Refusals;
  readonly retiring: ReadonlySet<Generation>;
}

export function describeSupergraph(state: ManagerState): SupergraphStatus {
  const { current, accepted, refusals, retiring } = state;
  return {
    generation: current && {
      id: current.id,
      hash: current.hash,
      createdAt: current.createdAt.toISOString(),
      inFlight: current.inFlight,
    },
    subgraphs: [...accepted.values()].map((subgraph) => describeSubgraph(subgraph, state)),
    refused: refusals.all(),
    pending: pendingSubgraphs(state),
    retiring: [...retiring].map(({ id, inFlight }) => ({ id, inFlight })),
  };
}

function describeSubgraph(
  { name, hash, route }: SubgraphDefinition,
  { sightings }: ManagerState,
): SubgraphStatus {
  const seen = sightings.of(name);
  return {
    name,
    hash,
    route,
    instances: seen.find((sighting) => sighting.hash === hash)?.instances ?? [],
    others: seen
      .filter((sighting) => sighting.hash !== hash)
      .map((sighting) => ({ hash: sighting.hash, instances: sighting.instances })),
  };
}

function pendingSubgraphs({ accepted, sightings, sdls }: ManagerState): readonly PendingSubgraph[] {
  return sightings
    .all()
    .filter((sighting) => accepted.get(sighting.name)?.hash !== sighting.hash && !sdls.has(sighting))
    .map((sighting) => {
      const reason = sdls.failure(sighting);
      return { name: sighting.name, hash: sighting.hash, ...(reason !== undefined && { reason }) };
    });
}
