import { LRUCache } from 'lru-cache';

/** How long after it was first missed an action is waited for: an instance that is being replaced is back by then. */
export const WAIT_FOR_RETURN_MS = 3_000;

/**
 * Tells an action that has just lost its last instance from one that is gone. The first is worth retrying, so that a
 * restart costs no answer; retrying the second would hold up every query that touches a subgraph which is away.
 */
export class Absences {
  readonly #missedAt = new LRUCache<string, number>({ max: 1_000 });
  readonly #isAvailable: (action: string) => boolean;
  readonly #now: () => number;

  constructor(isAvailable: (action: string) => boolean, now: () => number = () => performance.now()) {
    this.#isAvailable = isAvailable;
    this.#now = now;
  }

  /** True while the action is there, or was first missed less than WAIT_FOR_RETURN_MS ago. */
  worthWaiting(action: string): boolean {
    if (this.#isAvailable(action)) {
      this.#missedAt.delete(action);
      return true;
    }
    const missedAt = this.#missedAt.get(action) ?? this.#now();
    this.#missedAt.set(action, missedAt);
    return this.#now() - missedAt < WAIT_FOR_RETURN_MS;
  }
}
