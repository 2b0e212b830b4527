import type { GraphQLSchema } from 'graphql';
import type { TypeConditions } from '../execution/type-conditions.ts';
import type { ParseOptions } from '../operation/parse-operation.ts';
import { PreparedOperations } from '../operation/prepared-operations.ts';
import type { PlannedSupergraph, Planning, QueryPlanner } from '../planning/planner.ts';
import { schemaHash } from '../protocol.ts';
import { buildSchemaInSlices } from './build-schema.ts';
import type { Composition } from './compose.ts';
import type { SubgraphDefinition } from './subgraph.ts';

/** What a generation is made of, in a form that can be stored and moved between threads. */
export interface ComposedSupergraph extends Composition {
  readonly subgraphs: readonly SubgraphDefinition[];
}

/**
 * One composed version of the supergraph and all that is derived from it. Immutable, but for the count of operations
 * that run on it: an operation stays on the generation it began with, and a superseded one ends with its last.
 */
export class Generation {
  /** Counts up from 1 in each process. */
  readonly id: number;
  /** `schemaHash` of the supergraph SDL. */
  readonly hash: string;
  readonly createdAt: Date;
  readonly supergraphSdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly planner: QueryPlanner;
  readonly isOfType: TypeConditions;
  readonly subgraphs: ReadonlyMap<string, SubgraphDefinition>;
  readonly operations: PreparedOperations;
  readonly #planned: PlannedSupergraph;
  #inFlight = 0;
  #onRetired: (() => void) | undefined;

  /** Serves on while it works. @throws what `planning.open` throws. */
  static async create(
    id: number,
    composed: ComposedSupergraph,
    options: ParseOptions,
    planning: Planning,
  ): Promise<Generation> {
    // Beside each other: the planner is made in another thread.
    const planned = planning.open(composed.supergraphSdl);
    const apiSchema = buildSchemaInSlices(composed.apiSdl);
    await Promise.allSettled([planned, apiSchema]);
    return new Generation(id, composed, options, await planned, await apiSchema);
  }

  private constructor(
    id: number,
    composed: ComposedSupergraph,
    options: ParseOptions,
    planned: PlannedSupergraph,
    apiSchema: GraphQLSchema,
  ) {
    this.id = id;
    this.hash = schemaHash(composed.supergraphSdl);
    this.createdAt = new Date();
    this.supergraphSdl = composed.supergraphSdl;
    this.apiSchema = apiSchema;
    this.#planned = planned;
    this.planner = planned.planner;
    this.isOfType = planned.isOfType;
    this.subgraphs = new Map(composed.subgraphs.map((subgraph) => [subgraph.name, subgraph]));
    this.operations = new PreparedOperations(this.apiSchema, this.planner, options);
  }

  /** Operations that run on it now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Holds the generation while `work` runs. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight++;
    try {
      return await work();
    } finally {
      this.#inFlight--;
      this.#endWhenIdle();
    }
  }

  /** Calls back, once, when nothing runs on it any more, and frees its planner. It must not be given new work. */
  retire(onRetired: () => void): void {
    this.#onRetired = onRetired;
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#inFlight > 0 || !this.#onRetired) return;
    const onRetired = this.#onRetired;
    this.#onRetired = undefined;
    this.#planned.close();
    onRetired();
  }
}
