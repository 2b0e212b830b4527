/** One subgraph as the gateway knows it: what composition needs of it and how a fetch reaches it. */
export interface SubgraphDefinition {
  readonly name: string;
  /** Identifies the SDL; together with the name it never means two schemas. */
  readonly hash: string;
  readonly sdl: string;
  readonly route: SubgraphRoute;
}

/** Where a subgraph is served. A transport takes the routes of its `kind`. */
export type SubgraphRoute =
  | { readonly kind: 'broker' /** Moleculer full name, `v2.orders`. */; readonly service: string }
  | { readonly kind: 'http'; readonly url: string };

/** A subgraph seen somewhere, its SDL perhaps not read yet. */
export interface SubgraphSighting {
  readonly name: string;
  readonly hash: string;
  readonly route: SubgraphRoute;
  /** Node ids or URLs that serve exactly this hash now. */
  readonly instances: readonly string[];
  /** Epoch ms at which this hash was first introduced by any live instance. */
  readonly since: number;
}

/**
 * Somewhere subgraphs are found: the Moleculer registry, a file of HTTP subgraphs.
 *
 * Contract: `sightings` is synchronous and complete, several hashes of one name are allowed (a rolling deploy).
 * `onChange` fires after each change, as often as it likes; the manager coalesces. `readSdl` may reject, and is tried
 * again with backoff. A source that cannot be reached reports what it saw last, never nothing.
 */
export interface SubgraphSource {
  start(onChange: () => void): Promise<void>;
  stop(): Promise<void>;
  sightings(): readonly SubgraphSighting[];
  readSdl(sighting: SubgraphSighting): Promise<string>;
}
