import type { SubgraphSighting } from './subgraph.ts';

/**
 * Orders the live hashes of one subgraph: the latest introduced first. Every gateway comes to the same order out of
 * the same registry, whatever it saw before.
 */
export function latestFirst(sightings: readonly SubgraphSighting[]): readonly SubgraphSighting[] {
  return [...sightings].sort((a, b) => b.since - a.since || (a.hash < b.hash ? 1 : -1));
}

/** How long a hash that has lost its last instance holds against an older one that is alive, in ms. */
export const FLAP_HOLD_MS = 1_000;

/**
 * Picks the sighting of one subgraph that should be served.
 *
 * A newer hash always wins at once. Going back to an older one waits: when discovery loses sight of a node for a
 * moment, the API must not lose its newest fields and get them back.
 *
 * @param vanishedSince epoch ms since when the current hash has no instance; undefined while it has some.
 */
export function chooseSighting(
  sightings: readonly SubgraphSighting[],
  current: { readonly hash: string; readonly since: number } | undefined,
  vanishedSince: number | undefined,
  now: number,
): SubgraphSighting | undefined {
  const [latest] = latestFirst(sightings);
  if (!latest || !current || latest.hash === current.hash) return latest;
  const goesBack = latest.since < current.since;
  if (goesBack && vanishedSince !== undefined && now - vanishedSince < FLAP_HOLD_MS) return undefined;
  return latest;
}
