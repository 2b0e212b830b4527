import { compileOperation } from '../execution/execute-operation.ts';
import type { QueryPlan } from '../planning/planner.ts';
import type { Generation } from './generation.ts';
import { turnOfLoop } from './turn-of-loop.ts';

/** What is asked for less often than a hundred others is planned when it is asked for again. */
const MAX_OPERATIONS = 100;

const MAX_TIME_MS = 250;

/**
 * Prepares, plans and compiles the hottest operations of one generation for the next, before that one goes live: a swap
 * must not be felt by those who ask what they always ask. Hottest first, for as long as there is time; what does not
 * fit the new schema any more is left out, to be refused when it is asked for.
 *
 * @param maxTime ms that the new schema may wait for the old one's operations.
 */
export async function warmUp(next: Generation, previous: Generation, maxTime = MAX_TIME_MS): Promise<void> {
  const timeUp = Promise.withResolvers<undefined>();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    timeUp.resolve(undefined);
  }, maxTime);
  try {
    for (const [key, hot] of previous.operations.hottest(MAX_OPERATIONS)) {
      // Validation takes a millisecond or two of this thread.
      await turnOfLoop();
      if (over) return;
      const prepared = next.operations.adopt(key, hot);
      if (!prepared) continue;
      for (const values of hot.plannedFor()) {
        const plan: QueryPlan | undefined = await Promise.race([
          prepared.plan(values).catch(() => undefined),
          timeUp.promise,
        ]);
        if (over) return;
        if (plan) compileOperation(plan, next, prepared.parsed, values);
      }
    }
  } finally {
    clearTimeout(timer);
  }
}
