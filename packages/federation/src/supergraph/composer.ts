import { Worker } from 'node:worker_threads';
import type { CompositionOutcome, SubgraphInput } from './compose.ts';
import type { CompositionReply, CompositionTask } from './composition-worker.ts';

/** A composition that takes longer is given up: satisfiability checks can explode on hostile schemas. */
const TIMEOUT_MS = 60_000;

// Beside this file, in the form that this file has itself: `.ts` in a source tree, `.js` once built.
const workerUrl = new URL(
  `./composition-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

interface PendingTask {
  resolve(outcome: CompositionOutcome): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Composes in a worker thread that is kept warm between compositions: ten subgraphs take some 100 ms, during which
 * the event loop must go on serving.
 *
 * `compose` rejects when the worker dies or is too slow; the next call starts a new one.
 */
export class Composer {
  #worker: Worker | undefined;
  #nextId = 1;
  readonly #pending = new Map<number, PendingTask>();

  /** Starts the worker before it is needed. */
  warm(): void {
    this.#ensureWorker();
  }

  compose(subgraphs: readonly SubgraphInput[]): Promise<CompositionOutcome> {
    const worker = this.#ensureWorker();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(worker, new Error(`composition took more than ${TIMEOUT_MS} ms`)),
        TIMEOUT_MS,
      );
      this.#pending.set(id, { resolve, reject, timer });
      worker.postMessage({ id, subgraphs } satisfies CompositionTask);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#fail(worker, new Error('the composer is closed'));
    await worker.terminate();
  }

  #ensureWorker(): Worker {
    if (this.#worker) return this.#worker;
    // Node warns on each start of a thread that strips types; the flags of the test runner do not concern it.
    const worker = new Worker(workerUrl, {
      execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=source'],
    });
    worker.on('message', ({ id, outcome }: CompositionReply) =>
      this.#settle(id, (task) => task.resolve(outcome)),
    );
    worker.on('error', (error) =>
      this.#fail(worker, error instanceof Error ? error : new Error(String(error))),
    );
    worker.on('exit', (code) =>
      this.#fail(worker, new Error(`the composition worker ended with code ${code}`)),
    );
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #settle(id: number, settle: (task: PendingTask) => void): void {
    const task = this.#pending.get(id);
    if (!task) return;
    this.#pending.delete(id);
    clearTimeout(task.timer);
    settle(task);
  }

  #fail(worker: Worker, error: Error): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    void worker.terminate();
    for (const id of [...this.#pending.keys()]) this.#settle(id, (task) => task.reject(error));
  }
}
