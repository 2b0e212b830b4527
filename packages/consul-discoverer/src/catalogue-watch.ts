/** Follows one catalogue service by Consul's blocking queries: https://developer.hashicorp.com/consul/api-docs/features/blocking */
import { backoff, pause } from './backoff.ts';

/** In a storm of changes one node asks some ten times a second, not once for each change. */
const STORM_PAUSE = 100;

export interface WatchEvents {
  /**
   * One query, answered at the next change after `index` or after its wait.
   */
  query(index: bigint, signal: AbortSignal): Promise<{ readonly index: bigint; readonly body: unknown }>;
  /**
   * Each answer, changed or not; the next query waits for it. When it rejects, the same answer is asked for again.
   * @param recovered true after a failure or when the servers' index went back: what was known may be lost.
   */
  answered(body: unknown, recovered: boolean): Promise<void>;
  failed(error: unknown): void;
}

/** Runs until the signal aborts; never rejects. One query at a time. */
export async function watchCatalogue(events: WatchEvents, signal: AbortSignal): Promise<void> {
  let index = 0n;
  let failures = 0;
  let recovered = false;
  let changedAt = 0;
  while (!signal.aborted) {
    try {
      const answer = await events.query(index, signal);
      if (signal.aborted) return;
      const reset = answer.index < index;
      await events.answered(answer.body, recovered || reset);
      recovered = false;
      failures = 0;
      if (answer.index !== index) {
        const now = performance.now();
        if (now - changedAt < 10 * STORM_PAUSE) await pause(STORM_PAUSE * (0.5 + Math.random()), signal);
        changedAt = now;
      }
      // An index that goes back starts over; never 0 from an answer, which would not block and spin.
      index = reset ? 0n : answer.index > 0n ? answer.index : 1n;
    } catch (error) {
      if (signal.aborted) return;
      recovered = true;
      failures++;
      // The servers may be others now, with another index.
      index = 0n;
      events.failed(error);
      await pause(backoff(failures), signal);
    }
  }
}
