import type { FetchNode, PlanNode } from '../../planning/planner.ts';
import { fetchedNames } from '../fetched-names.ts';
import type { ResponsePath } from '../values.ts';

/** A fetch and the Flatten path at which its targets stand; the root's is empty. */
export interface PlacedFetch {
  readonly path: ResponsePath;
  readonly fetch: FetchNode;
  /** What it needs the answers of; their own needs go without saying. */
  readonly after: readonly PlacedFetch[];
}

/** Fetches that may be sent together: whatever they need has been answered by the waves before. */
export type Wave = readonly PlacedFetch[];

interface Timed extends PlacedFetch {
  /** Its own when it is placed; perhaps a later one in the end. */
  wave: number;
  /** Nothing in the plan comes after it in a sequence. */
  readonly last: boolean;
}

/**
 * A query's plan as a row of waves, all of its branches together: what goes to one subgraph at one depth can then be
 * one request. Undefined for what only the plain path runs: mutations, whose order is their meaning, and conditions,
 * which are resolved before planning.
 */
export function toWaves(node: PlanNode): readonly Wave[] | undefined {
  const fetches: Timed[] = [];
  const placed = place(node, { path: [], wave: 0, after: [], last: true }, fetches);
  if (!placed) return undefined;
  delayToMerge(fetches);
  return Array.from({ length: placed.end }, (_, wave) =>
    fetches.filter((fetch) => fetch.wave === wave),
  ).filter((wave) => wave.length > 0);
}

interface Position {
  readonly path: ResponsePath;
  readonly wave: number;
  readonly after: readonly PlacedFetch[];
  readonly last: boolean;
}

/** The first wave after a node, and the fetches that make it ended. */
interface Placed {
  readonly end: number;
  readonly fetches: readonly PlacedFetch[];
}

/** Undefined for a node that cannot be put into waves. */
function place(node: PlanNode, at: Position, fetches: Timed[]): Placed | undefined {
  switch (node.kind) {
    case 'Fetch': {
      if (node.operationKind !== 'query') return undefined;
      const fetch: Timed = { ...at, fetch: node };
      fetches.push(fetch);
      return { end: at.wave + 1, fetches: [fetch] };
    }
    case 'Flatten':
      return place(node.node, { ...at, path: [...at.path, ...node.path] }, fetches);
    case 'Parallel': {
      const placed = node.nodes.map((inner) => place(inner, at, fetches));
      if (!placed.every((inner) => inner !== undefined)) return undefined;
      return {
        end: Math.max(at.wave, ...placed.map(({ end }) => end)),
        fetches: placed.flatMap((inner) => inner.fetches),
      };
    }
    case 'Sequence': {
      let position = at;
      for (const [index, inner] of node.nodes.entries()) {
        const last = at.last && index === node.nodes.length - 1;
        const placed = place(inner, { ...position, last }, fetches);
        if (!placed) return undefined;
        position = { ...position, wave: placed.end, after: placed.fetches };
      }
      return { end: position.wave, fetches: position.after };
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
