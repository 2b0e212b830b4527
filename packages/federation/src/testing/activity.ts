import { setImmediate as turn } from 'node:timers/promises';

/** Counts what is under way in a mesh (packets, actions, event handlers), to tell when nothing is. */
export class Activity {
  #running = 0;
  #waiting: Array<() => void> = [];

  begin(): void {
    this.#running += 1;
  }

  end(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Counts until the promise settles. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.begin();
    try {
      return await work;
    } finally {
      this.end();
    }
  }

  /** Resolves when nothing has been under way for a turn of the event loop, in which an answer may start the next thing. */
  async idle(): Promise<void> {
    do {
      if (this.#running > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      await turn();
    } while (this.#running > 0);
  }
}
