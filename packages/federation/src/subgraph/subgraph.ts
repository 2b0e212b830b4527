import type { Service, ServiceSchema } from 'moleculer';
import { executeAction, PROTOCOL_VERSION, type SubgraphAnnouncement, sdlAction } from '../protocol.ts';
import { buildSubgraph } from './build-subgraph.ts';
import { callerSite } from './call-site.ts';
import { createExecutor } from './executor.ts';
import { type HttpEndpoint, type HttpOptions, serveHttp } from './http-endpoint.ts';
import type { ReferenceResolvers } from './references.ts';
import type { ResolverMap } from './resolvers.ts';
import { readSchema } from './schema-source.ts';

export interface SubgraphOptions {
  /**
   * The subgraph's SDL, Federation 2 (`@link`) or 1: a path relative to the file that calls `Subgraph`, a file URL, or
   * the SDL itself (any text with a brace or a line break in it).
   */
  readonly schema: string | URL;
  readonly resolvers?: ResolverMap;
  /** Batched reference resolvers by entity type; an entity without any is its representation. */
  readonly references?: ReferenceResolvers;
  /** Name in the supergraph. Default: the Moleculer service's name. */
  readonly name?: string;
  /** Serve the same subgraph over plain HTTP too, for gateways that do not speak Moleculer. Default: no. */
  readonly http?: boolean | HttpOptions;
}

/** What Moleculer reads of a mixin; its own type leaves `merged` out. */
type Mixin = Partial<ServiceSchema> & { merged: (this: Service, schema: ServiceSchema) => void };

/**
 * Makes a Moleculer service an Apollo subgraph: `mixins: [Subgraph({ schema: './schema.graphql', resolvers })]`.
 *
 * The schema is read and checked when the service is created: `createService` throws a ServiceSchemaError that names
 * the service, the file and the line when the SDL does not build or a resolver has no field. The service's schema never
 * changes afterwards, so its hash is part of the action names (see protocol.ts).
 */
export function Subgraph(options: SubgraphOptions): Partial<ServiceSchema> {
  const definedAt = callerSite();
  // Keyed by service: one mixin object may be shared by several services.
  const announced = new WeakMap<Service, { execute: string; announcement: SubgraphAnnouncement }>();
  const endpoints = new WeakMap<Service, HttpEndpoint>();

  const mixin: Mixin = {
    merged(schema) {
      const source = readSchema(options.schema, { service: schema.name, definedAt });
      const executable = buildSubgraph({
        service: schema.name,
        source,
        definedAt,
        resolvers: options.resolvers ?? {},
        references: options.references ?? {},
      });
      const execute = createExecutor(executable);
      const name = actionNames(schema, source.hash);
      const announcement: SubgraphAnnouncement = {
        protocol: PROTOCOL_VERSION,
        name: options.name ?? schema.name,
        hash: source.hash,
        since: Date.now(),
      };
      announced.set(this, { execute: name.execute, announcement });
      schema.metadata = { ...schema.metadata, subgraph: announcement };
      schema.actions = {
        ...schema.actions,
        [name.execute]: {
          // Callable from other nodes, but never published by an API gateway's auto-aliases.
          visibility: 'public',
          // A service-wide `$cache` would serve one user's answer to another: meta is not part of the key.
          cache: false,
          params: {
            query: 'string',
            operationName: { type: 'string', optional: true, nullable: true },
            variables: { type: 'object', optional: true, nullable: true },
          },
          handler(ctx) {
            return execute(ctx, this);
          },
        },
        [name.sdl]: { visibility: 'public', cache: false, handler: () => ({ sdl: source.sdl }) },
      };
    },

    async started(this: Service) {
      if (!options.http) return;
      const { execute, announcement } = announced.get(this)!;
      const endpoint = await serveHttp(this, execute, options.http === true ? {} : options.http);
      endpoints.set(this, endpoint);
      // Before the service is registered, so the first INFO packet carries the port.
      this.metadata.subgraph = { ...announcement, http: { port: endpoint.port, path: endpoint.path } };
    },

    async stopped(this: Service) {
      await endpoints.get(this)?.close();
      endpoints.delete(this);
    },
  };
  return mixin;
}

/** The protocol's full action names, cut to what Moleculer will put in front of them. */
function actionNames(schema: ServiceSchema, hash: string): { execute: string; sdl: string } {
  const versioned = schema.version != null && schema.settings?.$noVersionPrefix !== true;
  const version = typeof schema.version === 'number' ? `v${schema.version}` : schema.version;
  const fullName = versioned ? `${version}.${schema.name}` : schema.name;
  const prefix = schema.settings?.$noServiceNamePrefix === true ? 0 : fullName.length + 1;
  return {
    execute: executeAction(fullName, hash).slice(prefix),
    sdl: sdlAction(fullName, hash).slice(prefix),
  };
}
