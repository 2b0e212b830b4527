import type { FetchNode, PlanNode } from '../planner.ts';

/** The plan with something in the place of each fetch. */
export function mapFetches<T extends PlanNode | undefined>(
  plan: T,
  instead: (fetch: FetchNode) => PlanNode,
): T | PlanNode {
  switch (plan?.kind) {
    case undefined:
      return plan;
    case 'Sequence':
    case 'Parallel':
      return { ...plan, nodes: plan.nodes.map((inner) => mapFetches(inner, instead)) };
    case 'Flatten':
      return { ...plan, node: mapFetches(plan.node, instead) };
    case 'Condition':
      return {
        ...plan,
        ...(plan.ifClause && { ifClause: mapFetches(plan.ifClause, instead) }),
        ...(plan.elseClause && { elseClause: mapFetches(plan.elseClause, instead) }),
      };
    case 'Fetch':
      return instead(plan);
  }
}
