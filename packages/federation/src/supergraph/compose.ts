import { composeServices } from '@apollo/composition';
import { printSchema, Supergraph } from '@apollo/federation-internals';
import { type DocumentNode, GraphQLError, parse } from 'graphql';

export interface SubgraphInput {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
}

export interface Composition {
  readonly supergraphSdl: string;
  /** The client's view: no join directives, nothing that is `@inaccessible`. */
  readonly apiSdl: string;
}

export interface CompositionFault {
  readonly message: string;
  /** Apollo's error code, `INVALID_GRAPHQL`, `SATISFIABILITY_ERROR`, … */
  readonly code: string;
  /** The subgraph at fault, where composition can tell. */
  readonly subgraph?: string;
}

export type CompositionOutcome = Composition | { readonly faults: readonly CompositionFault[] };

/** Composes subgraphs and checks that a planner will take the result. Synchronous and slow: meant for a worker. */
export function compose(subgraphs: readonly SubgraphInput[]): CompositionOutcome {
  const services: Array<{ name: string; url: string; typeDefs: DocumentNode }> = [];
  const faults: CompositionFault[] = [];
  for (const { name, url, sdl } of subgraphs) {
    try {
      services.push({ name, url, typeDefs: parse(sdl) });
    } catch (error) {
      faults.push({ ...toFault(error, subgraphs), subgraph: name });
    }
  }
  if (faults.length > 0) return { faults };
  try {
    const { schema, supergraphSdl, errors } = composeServices(services);
    if (supergraphSdl === undefined) return { faults: errors.map((error) => toFault(error, subgraphs)) };
    return { supergraphSdl, apiSdl: printSchema(new Supergraph(schema).apiSchema()) };
  } catch (error) {
    return { faults: [toFault(error, subgraphs)] };
  }
}

function toFault(error: unknown, subgraphs: readonly SubgraphInput[]): CompositionFault {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof GraphQLError ? error.extensions.code : undefined;
  const blamed = /^\[([^\]]+)\] /.exec(message)?.[1];
  const subgraph = subgraphs.find(({ name }) => name === blamed)?.name;
  return {
    message,
    code: typeof code === 'string' ? code : 'COMPOSITION_FAILED',
    ...(subgraph !== undefined && { subgraph }),
  };
}
