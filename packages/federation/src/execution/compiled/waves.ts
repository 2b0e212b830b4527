import type { FetchNode, PlanNode } from '../../planning/planner.ts';
import { fetchedNames } from '../fetched-names.ts';
import type { ResponsePath } from '../values.ts';

/** A fetch and the Flatten path at which its targets stand; the root's is empty. */
export interface PlacedFetch {
  readonly path: ResponsePath;
  readonly fetch: FetchNode;
}

/** Fetches that may be sent together: whatever they need has been answered by the waves before. */
export type Wave = readonly PlacedFetch[];

interface Timed extends PlacedFetch {
  wave: number;
  /** Nothing in the plan comes after it in a sequence. */
  readonly last: boolean;
}

/**
 * A query's plan as branches that run side by side, each a row of waves. The children of a topmost Parallel are the
 * branches: a slow subgraph in one holds back no other. Undefined for what only the plain path runs: mutations,
 * whose order is their meaning, and conditions, which are resolved before planning.
 */
export function toWaves(node: PlanNode): ReadonlyArray<readonly Wave[]> | undefined {
  const branches = (node.kind === 'Parallel' ? node.nodes : [node]).map((branch) => {
    const fetches: Timed[] = [];
    const end = place(branch, [], 0, true, fetches);
    if (end === undefined) return undefined;
    delayToMerge(fetches);
    return Array.from({ length: end }, (_, wave) => fetches.filter((fetch) => fetch.wave === wave)).filter(
      (wave) => wave.length > 0,
    );
  });
  return branches.every((branch) => branch !== undefined) ? branches : undefined;
}

/** @returns the first wave after the node; undefined when it holds what cannot be put into waves. */
function place(
  node: PlanNode,
  path: ResponsePath,
  wave: number,
  last: boolean,
  fetches: Timed[],
): number | undefined {
  switch (node.kind) {
    case 'Fetch':
      if (node.operationKind !== 'query') return undefined;
      fetches.push({ path, fetch: node, wave, last });
      return wave + 1;
    case 'Flatten':
      return place(node.node, [...path, ...node.path], wave, last, fetches);
    case 'Parallel': {
      const ends = node.nodes.map((inner) => place(inner, path, wave, last, fetches));
      return ends.reduce<number | undefined>(
        (latest, end) => (latest === undefined || end === undefined ? undefined : Math.max(latest, end)),
        wave,
      );
    }
    case 'Sequence': {
      let next: number | undefined = wave;
      for (const [index, inner] of node.nodes.entries()) {
        if (next === undefined) return undefined;
        next = place(inner, path, next, last && index === node.nodes.length - 1, fetches);
      }
      return next;
    }
    default:
      return undefined;
  }
}

/** A fetch that nothing waits for goes with a later wave that calls its subgraph anyway: one request less. */
function delayToMerge(fetches: readonly Timed[]): void {
  for (const fetch of fetches) {
    if (!fetch.last || !fetch.fetch.requires) continue;
    const later = fetches.filter(
      (other) =>
        other.wave > fetch.wave &&
        other.fetch.requires &&
        other.fetch.serviceName === fetch.fetch.serviceName,
    );
    for (const other of later) fetch.wave = Math.max(fetch.wave, other.wave);
  }
}

/** May an answer to `from` bring new objects to `path`, which is below it? */
export function feeds(from: PlacedFetch, path: ResponsePath): boolean {
  if (from.path.length >= path.length || from.path.some((step, index) => path[index] !== step)) return false;
  // A list at the path itself: `@` belongs to the objects above it.
  const next = path.slice(from.path.length).find((step) => step !== '@');
  return next === undefined || fetchedNames(from.fetch).includes(String(next));
}
