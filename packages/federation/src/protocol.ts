/**
 * What a subgraph service and a gateway say to each other over Moleculer: the whole protocol between the two sides.
 *
 *     service.metadata.subgraph          SubgraphAnnouncement, travels in every INFO packet
 *     <service>.sdl.<hash>       ()  →   { sdl }                the SDL the hash was made from
 *     <service>.subgraph.<hash>  SubgraphRequest → SubgraphResponse   executes an operation
 *
 * Both action names carry the schema hash. A call can therefore only reach an instance that serves the very schema
 * the operation was planned for; node pins and balancing strategies cannot promise that (docs/adr/0004).
 */
import { createHash } from 'node:crypto';

export const PROTOCOL_VERSION = 1;

/** Announced by each subgraph service in its Moleculer `metadata.subgraph`. Small on purpose: INFO goes everywhere. */
export interface SubgraphAnnouncement {
  readonly protocol: typeof PROTOCOL_VERSION;
  /** Name in the supergraph; the Moleculer service's name unless said otherwise. */
  readonly name: string;
  /** `schemaHash` of the SDL. */
  readonly hash: string;
  /** Epoch milliseconds at which this instance was created; among several live hashes the latest introduced wins. */
  readonly since: number;
  /** Set when the same subgraph also answers plain HTTP. */
  readonly http?: { readonly port: number; readonly path: string };
}

/** Params of `<service>.subgraph.<hash>`, the body of the same request over HTTP. */
export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** One GraphQL error as it travels (GraphQL specification §7.1.2). */
export interface SubgraphError {
  readonly message: string;
  readonly path?: ReadonlyArray<string | number>;
  readonly locations?: ReadonlyArray<{ readonly line: number; readonly column: number }>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Answer of `<service>.subgraph.<hash>`, a GraphQL response map. A failing resolver is an error in here, not a rejection. */
export interface SubgraphResponse {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly SubgraphError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Identifies one exact SDL text: the first 16 hex digits of its SHA-256. */
export function schemaHash(sdl: string): string {
  return createHash('sha256').update(sdl).digest('hex').slice(0, 16);
}

/** Action that executes; `service` is the Moleculer full name (`orders`, `v2.orders`). */
export const executeAction = (service: string, hash: string): string => `${service}.subgraph.${hash}`;

/** Action that answers `{ sdl }`. */
export const sdlAction = (service: string, hash: string): string => `${service}.sdl.${hash}`;

/** Reads an announcement out of a service's metadata; undefined when there is none or it speaks another protocol. */
export function readAnnouncement(metadata: unknown): SubgraphAnnouncement | undefined {
  const found = (metadata as { subgraph?: Partial<SubgraphAnnouncement> } | null | undefined)?.subgraph;
  if (!found || found.protocol !== PROTOCOL_VERSION) return undefined;
  if (typeof found.name !== 'string' || typeof found.hash !== 'string' || typeof found.since !== 'number')
    return undefined;
  return found as SubgraphAnnouncement;
}
