import type { ServiceBroker } from 'moleculer';

export interface Outcome {
  readonly id: string;
  readonly action: string;
  readonly error?: Error;
}

let ids = 0;

/**
 * Calls `worker.read` and `worker.write` in turn, each `everyMs`, until `stop`; each call has an id of its own.
 * `stop` resolves with all outcomes when the last call has one.
 */
export function startLoad(
  broker: ServiceBroker,
  { everyMs = 10, ms = 5, actions = ['worker.read', 'worker.write'] as readonly string[] } = {},
) {
  const calls: Promise<Outcome>[] = [];
  let count = 0;
  const timer = setInterval(() => {
    const action = actions[count % actions.length]!;
    count++;
    const id = `${action}-${++ids}`;
    calls.push(
      broker.call(action, { id, ms }).then(
        () => ({ id, action }),
        (error: Error) => ({ id, action, error }),
      ),
    );
  }, everyMs);
  return {
    get started() {
      return count;
    },
    async stop(): Promise<Outcome[]> {
      clearInterval(timer);
      return Promise.all(calls);
    },
  };
}

export const failures = (outcomes: readonly Outcome[], action: string): string[] =>
  outcomes.filter((o) => o.action === action && o.error).map((o) => `${o.id}: ${o.error?.message}`);
