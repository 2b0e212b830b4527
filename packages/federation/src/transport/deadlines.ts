/** Something that is over at a time of its own. */
export interface Due {
  /** In `performance.now()`'s time. */
  readonly due: number;
  /** Called once, when the time has come. Must not throw. */
  expire(): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Many deadlines on one timer: nearly all are met, and a timer each would cost more than what they guard. */
export class Deadlines {
  readonly #pending = new Set<Due>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #next = Number.POSITIVE_INFINITY;

  /** Keeps no process alive: whatever is waited for does. */
  add(due: Due): void {
    this.#pending.add(due);
    if (due.due < this.#next) this.#arm(due.due);
  }

  /** Does nothing when it is not there. */
  remove(due: Due): void {
    this.#pending.delete(due);
  }

  /** Forgets all of them. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#pending.clear();
    this.#next = Number.POSITIVE_INFINITY;
  }

  #arm(due: number): void {
    clearTimeout(this.#timer);
    this.#next = due;
    const ms = Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(due - performance.now())));
    this.#timer = setTimeout(() => this.#fire(), ms).unref();
  }

  #fire(): void {
    this.#next = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending) {
      if (pending.due <= now) {
        this.#pending.delete(pending);
        pending.expire();
      } else if (pending.due < next) next = pending.due;
    }
    // What expired may have brought new ones, and armed the timer for them.
    if (next < this.#next) this.#arm(next);
  }
}
