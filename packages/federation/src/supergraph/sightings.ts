import { latestFirst } from './choose-hash.ts';
import type { SubgraphSighting, SubgraphSource } from './subgraph.ts';

/**
 * What all sources see together, by name, and what was seen before. The same (name, hash) from two sources is one
 * sighting, reached the way the first source says.
 */
export class Sightings {
  readonly #sources: readonly SubgraphSource[];
  readonly #sourceOf = new Map<SubgraphSighting, SubgraphSource>();
  #byName: ReadonlyMap<string, readonly SubgraphSighting[]> = new Map();
  /** (name, hash) → its latest `since` and when it was seen last. */
  readonly #history = new Map<string, { since: number; vanished: number | undefined }>();

  constructor(sources: readonly SubgraphSource[]) {
    this.#sources = sources;
  }

  refresh(now: number): void {
    this.#sourceOf.clear();
    const merged = new Map<string, SubgraphSighting>();
    for (const source of this.#sources) {
      for (const sighting of source.sightings()) {
        const known = merged.get(keyOf(sighting));
        if (known) continue;
        merged.set(keyOf(sighting), sighting);
        this.#sourceOf.set(sighting, source);
      }
    }
    for (const [key, seen] of this.#history) if (!merged.has(key)) seen.vanished ??= now;
    for (const [key, { since }] of merged) this.#history.set(key, { since, vanished: undefined });
    const byName = new Map<string, SubgraphSighting[]>();
    for (const sighting of merged.values())
      byName.set(sighting.name, [...(byName.get(sighting.name) ?? []), sighting]);
    this.#byName = new Map([...byName].map(([name, sightings]) => [name, latestFirst(sightings)]));
  }

  names(): readonly string[] {
    return [...this.#byName.keys()].sort();
  }

  all(): readonly SubgraphSighting[] {
    return [...this.#byName.values()].flat();
  }

  of(name: string): readonly SubgraphSighting[] {
    return this.#byName.get(name) ?? [];
  }

  sourceOf(sighting: SubgraphSighting): SubgraphSource {
    return this.#sourceOf.get(sighting)!;
  }

  /** When the hash was introduced, by what was seen of it last; the beginning of time for one out of a snapshot. */
  since(subgraph: { readonly name: string; readonly hash: string }): number {
    return this.#history.get(keyOf(subgraph))?.since ?? 0;
  }

  /** Epoch ms since when no instance of the hash is seen; undefined while there is one, or when none ever was. */
  vanishedSince(subgraph: { readonly name: string; readonly hash: string }): number | undefined {
    return this.#history.get(keyOf(subgraph))?.vanished;
  }
}

const keyOf = ({ name, hash }: { readonly name: string; readonly hash: string }): string =>
  `${name}\n${hash}`;
