import type { DocumentNode } from 'graphql';
import type { TypeConditions } from '../execution/type-conditions.ts';
import type { ResponseNames } from './response-names.ts';

/**
 * Query plan nodes in the shape that Apollo's planner emits and every federation router reads.
 * @see https://www.apollographql.com/docs/graphos/routing/about-router query plans
 */
export type PlanNode = FetchNode | FlattenNode | SequenceNode | ParallelNode | ConditionNode;

export interface SequenceNode {
  readonly kind: 'Sequence';
  readonly nodes: readonly PlanNode[];
}

export interface ParallelNode {
  readonly kind: 'Parallel';
  readonly nodes: readonly PlanNode[];
}

export interface ConditionNode {
  readonly kind: 'Condition';
  /** Variable name, without `$`. */
  readonly condition: string;
  readonly ifClause?: PlanNode;
  readonly elseClause?: PlanNode;
}

export interface FetchNode {
  readonly kind: 'Fetch';
  readonly serviceName: string;
  /** Selections on `_entities` representations; absent for a root fetch. */
  readonly requires?: readonly PlanSelection[];
  readonly variableUsages?: readonly string[];
  /** The operation text sent to the subgraph. */
  readonly operation: string;
  readonly operationName?: string;
  readonly operationKind: 'query' | 'mutation' | 'subscription';
  /** Applied to each representation before it is sent. */
  readonly inputRewrites?: readonly DataRewrite[];
  /** Applied to the answer before it is merged. */
  readonly outputRewrites?: readonly DataRewrite[];
}

export interface FlattenNode {
  readonly kind: 'Flatten';
  /** Response names; `@` steps into every item of a list. */
  readonly path: ReadonlyArray<string | number>;
  readonly node: PlanNode;
}

export type PlanSelection = PlanField | PlanInlineFragment;

/** In `requires`: read from the data under `alias ?? name`, sent to the subgraph as `name`. */
export interface PlanField {
  readonly kind: 'Field';
  readonly name: string;
  readonly alias?: string;
  readonly selections?: readonly PlanSelection[];
}

export interface PlanInlineFragment {
  readonly kind: 'InlineFragment';
  readonly typeCondition?: string;
  readonly selections: readonly PlanSelection[];
}

/** Path elements are response names, or `... on Type` which narrows to objects of that type. */
export type DataRewrite =
  | { readonly kind: 'ValueSetter'; readonly path: readonly string[]; readonly setValueTo: unknown }
  | { readonly kind: 'KeyRenamer'; readonly path: readonly string[]; readonly renameKeyTo: string };

export interface QueryPlan {
  /** Undefined when nothing needs fetching, as for `{ __typename }`. */
  readonly node: PlanNode | undefined;
}

/**
 * Turns one operation into a plan over the subgraphs of one supergraph. Bound to a generation; a new one is made for
 * each. Deterministic and free of side effects, so plans may be cached by (document, operation name, generation).
 */
export interface QueryPlanner {
  /** @throws Error when the operation cannot be planned; a GraphQLError with a code of ours as it stands. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan | Promise<QueryPlan>;
  /** Under which names the plan's data answers the client's fields. */
  readonly names: ResponseNames;
}

/** The planner of one supergraph, with what execution must know of the supergraph itself. */
export interface PlannedSupergraph {
  readonly planner: QueryPlanner;
  readonly isOfType: TypeConditions;
  /** Frees what the planner holds; it is not asked again. */
  close(): void;
}

/** Where planners are made and plans computed. One suite, planning.test.ts, holds every implementation to this. */
export interface Planning {
  /** Starts whatever it needs to start, before it is needed. */
  warm(): void;
  /**
   * @throws ThreadError when it could not be tried, or not to its end; any other error when no planner can be made of
   *   this supergraph.
   */
  open(supergraphSdl: string): Promise<PlannedSupergraph>;
  /** Closes all that was opened. Plans under way are rejected. */
  close(): Promise<void>;
}
