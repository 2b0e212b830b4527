import { type Place, type PlanPath, placesFilled } from '../planning/places.ts';
import type { PlanNode, QueryPlan } from '../planning/planner.ts';
import type { TypeConditions } from './type-conditions.ts';
import type { ResponsePath } from './values.ts';

interface Filled extends Place {
  readonly service: string;
}

const memo = new WeakMap<QueryPlan, ReadonlyMap<string, readonly Filled[]>>();

/**
 * The subgraph that a plan asks for what stands at a path, as the client names it, in an object of a type; undefined
 * where the plan asks none. For errors, which are rare: the plan is only read through once one is met.
 */
export function answeringSubgraph(
  plan: QueryPlan,
  path: ResponsePath,
  typename: string,
  clientPath: (path: ResponsePath) => ResponsePath,
  isOfType: TypeConditions,
): string | undefined {
  let filled = memo.get(plan);
  if (!filled) {
    const places: Filled[] = [];
    if (plan.node) collect(plan.node, [], places);
    filled = Map.groupBy(places, (place) => clientPath(place.path.split('\n')).join('\n'));
    memo.set(plan, filled);
  }
  const names = path.filter((step) => typeof step === 'string').join('\n');
  const here = filled.get(names) ?? [];
  return (here.find(({ type }) => type === undefined || isOfType(typename, type)) ?? here[0])?.service;
}

function collect(node: PlanNode, path: PlanPath, places: Filled[]): void {
  switch (node.kind) {
    case 'Fetch':
      for (const place of placesFilled(node, path)) places.push({ ...place, service: node.serviceName });
      return;
    case 'Flatten':
      collect(node.node, [...path, ...node.path], places);
      return;
    case 'Sequence':
    case 'Parallel':
      for (const inner of node.nodes) collect(inner, path, places);
      return;
    case 'Condition':
      for (const clause of [node.ifClause, node.elseClause]) if (clause) collect(clause, path, places);
  }
}
