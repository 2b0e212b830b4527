/** The thread that plans: see `worker-planning.ts`. Holds the planner of each generation that is open. */
import { GraphQLError, parse } from 'graphql';
import { serveTasks } from '../threads/serve-tasks.ts';
import { openPlanner } from './open-planner.ts';
import type { QueryPlan, QueryPlanner } from './planner.ts';
import type { SupergraphFacts } from './supergraph-facts.ts';

/** `supergraph` is the number by which the other side knows it. */
export type PlanningTask =
  | { readonly kind: 'open'; readonly supergraph: number; readonly sdl: string }
  | {
      readonly kind: 'plan';
      readonly supergraph: number;
      /** A document: text is a tenth of its syntax tree and costs less to move. */
      readonly operation: string;
      readonly operationName: string | undefined;
    }
  | { readonly kind: 'close'; readonly supergraph: number };

export type PlanningReply =
  | { readonly kind: 'opened'; readonly facts: SupergraphFacts }
  | { readonly kind: 'planned'; readonly plan: QueryPlan }
  /** Not opened in this thread: it is younger than the supergraph. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: unknown };

const planners = new Map<number, QueryPlanner>();

async function answer(task: PlanningTask): Promise<PlanningReply> {
  switch (task.kind) {
    case 'open': {
      const { planner, facts } = openPlanner(task.sdl);
      planners.set(task.supergraph, planner);
      return { kind: 'opened', facts };
    }
    case 'plan': {
      const planner = planners.get(task.supergraph);
      if (!planner) return { kind: 'unknown' };
      const document = parse(task.operation, { noLocation: true });
      return { kind: 'planned', plan: await planner.plan(document, task.operationName) };
    }
    case 'close':
      planners.delete(task.supergraph);
      return { kind: 'closed' };
  }
}

serveTasks(
  (task: PlanningTask): Promise<PlanningReply> =>
    answer(task).catch((error: unknown) => ({
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
      code: error instanceof GraphQLError ? error.extensions.code : undefined,
    })),
);
