import { TaskThread } from '../threads/task-thread.ts';
import type { CompositionOutcome, SubgraphInput } from './compose.ts';

/** A composition that takes longer is given up: satisfiability checks can explode on hostile schemas. */
const TIMEOUT_MS = 60_000;

/** MiB; two hundred subgraphs need a quarter. */
const MAX_HEAP = 2_048;

/**
 * Composes in a thread of its own: ten subgraphs take some 100 ms, during which the event loop must go on serving.
 *
 * `compose` rejects when the thread dies or is too slow; the next call starts a new one.
 */
export class Composer {
  readonly #thread = new TaskThread<readonly SubgraphInput[], CompositionOutcome>({
    name: 'composition',
    script: new URL('./composition-worker', import.meta.url),
    maxHeap: MAX_HEAP,
    maxQueue: 1_000,
  });

  /** Starts the thread before it is needed. */
  warm(): void {
    this.#thread.warm();
  }

  compose(subgraphs: readonly SubgraphInput[]): Promise<CompositionOutcome> {
    return this.#thread.run(subgraphs, TIMEOUT_MS);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
