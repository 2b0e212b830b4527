import type { OperationVariables } from '../operation/variables.ts';
import type { FetchNode, PlanNode } from '../planning/planner.ts';
import type { SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import type { ErrorLog } from './error-log.ts';
import { executeFetch } from './execute-fetch.ts';
import { type Target, targetsAt } from './targets.ts';
import type { TypeConditions } from './type-conditions.ts';
import type { DataMap, ResponsePath } from './values.ts';

/** What the nodes of one running plan share. */
export interface Execution {
  readonly variables: OperationVariables;
  readonly isOfType: TypeConditions;
  readonly errors: ErrorLog;
  /** Carries a fetch to its subgraph; rejects with SubgraphFetchError only. */
  send(fetch: FetchNode, request: SubgraphRequest): Promise<SubgraphResponse>;
  /** A path of internal response names as the client spells it. */
  clientPath(path: ResponsePath): ResponsePath;
}

/**
 * Runs a plan and gathers what its fetches answer, under internal response names. Never rejects: a fetch that fails
 * leaves its fields out and says so in the error log; everything that does not need them goes on.
 */
export async function executePlan(execution: Execution, node: PlanNode | undefined): Promise<DataMap> {
  const data: DataMap = {};
  if (node) await executeNode(execution, node, [{ value: data, path: [] }]);
  return data;
}

async function executeNode(execution: Execution, node: PlanNode, targets: readonly Target[]): Promise<void> {
  switch (node.kind) {
    case 'Fetch':
      return executeFetch(execution, node, targets);
    case 'Flatten':
      return executeNode(execution, node.node, targetsAt(targets, node.path));
    case 'Sequence':
      for (const inner of node.nodes) await executeNode(execution, inner, targets);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((inner) => executeNode(execution, inner, targets)));
      return;
    case 'Condition': {
      const clause = execution.variables.coerced[node.condition] === true ? node.ifClause : node.elseClause;
      if (clause) await executeNode(execution, clause, targets);
    }
  }
}
