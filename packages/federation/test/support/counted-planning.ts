import { LocalPlanning } from '../../src/planning/local-planning.ts';
import type { PlannedSupergraph } from '../../src/planning/planner.ts';

/** Notes what is opened, closed and planned. */
export class CountedPlanning extends LocalPlanning {
  opened = 0;
  closed = 0;
  /** Operation names. */
  readonly plans: (string | undefined)[] = [];
  /** Called at each plan, which waits for what it returns. */
  onPlan: () => void | Promise<void> = () => {};

  override async open(supergraphSdl: string): Promise<PlannedSupergraph> {
    const { planner, isOfType } = await super.open(supergraphSdl);
    this.opened++;
    return {
      planner: {
        names: planner.names,
        plan: async (document, operationName) => {
          this.plans.push(operationName);
          await this.onPlan();
          return planner.plan(document, operationName);
        },
      },
      isOfType,
      close: () => void this.closed++,
    };
  }
}
