import type { DocumentNode } from 'graphql';
import type { PlanNode } from '../planner.ts';

/** Cures one fault of the planner from outside. Made once for a supergraph, whose document it leaves as it is. */
export type Cure = (supergraph: DocumentNode) => Cured;

/** What a cure changes; each part may be left out. Pure functions over plain data. */
export interface Cured {
  /** What the planner is shown instead: it decides by this. */
  readonly supergraph?: DocumentNode;
  /** The operation that is planned instead of what was asked for. */
  readonly operation?: (asked: DocumentNode) => DocumentNode;
  /**
   * Mends the plan, in terms of the supergraph that the cure was made for. Undefined stands for an empty plan.
   *
   * @param asked has one operation, without `@skip` and `@include`.
   * @throws GraphQLError with a code when no plan can be right.
   */
  readonly plan?: (plan: PlanNode | undefined, asked: DocumentNode) => PlanNode | undefined;
}
