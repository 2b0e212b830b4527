import { openPlanner } from './open-planner.ts';
import type { PlannedSupergraph, Planning } from './planner.ts';
import { fromFacts } from './supergraph-facts.ts';

/** Plans in the thread that asks, which it blocks: for tests and short programs, where a thread would cost more. */
export class LocalPlanning implements Planning {
  warm(): void {}

  async open(supergraphSdl: string): Promise<PlannedSupergraph> {
    const { planner, facts } = openPlanner(supergraphSdl);
    return { planner, isOfType: fromFacts(facts).isOfType, close: () => {} };
  }

  async close(): Promise<void> {}
}
