import { Worker } from 'node:worker_threads';

/** Why a task has no reply. The thread is started anew for the next one, whatever the reason. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  /** `busy`: the task was never taken. `timeout`: this very task was too slow. `died`, `closed`: it may have been. */
  readonly reason: 'busy' | 'timeout' | 'died' | 'closed';

  constructor(reason: ThreadError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface TaskThreadOptions {
  /** For messages, `composition`. */
  readonly name: string;
  /** Path without its extension, which is the one this package's own files have: `.ts` in a source tree, `.js` built. */
  readonly script: URL;
  /** MiB of heap at which the thread ends, and not the process. */
  readonly maxHeap: number;
  /** Tasks that may wait; more are refused, but for urgent ones. */
  readonly maxQueue: number;
}

interface Job<Task, Reply> {
  readonly task: Task;
  readonly timeoutMs: number;
  resolve(reply: Reply): void;
  reject(error: ThreadError): void;
}

/** A thread that does not come up by then is dead. */
const START_MS = 60_000;

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/**
 * A worker thread that is kept warm and takes one task at a time, in order (its side is `serveTasks`).
 *
 * One at a time, so that a task's time is its own: when it is over, the thread is ended (there is no other way to stop
 * JavaScript that computes), that task alone is rejected, and those that wait go on in a new thread. Whatever the old
 * one remembered is gone then.
 */
export class TaskThread<Task, Reply> {
  readonly #options: TaskThreadOptions;
  readonly #waiting: Job<Task, Reply>[] = [];
  #running: Job<Task, Reply> | undefined;
  #worker: Worker | undefined;
  #ready = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TaskThreadOptions) {
    this.#options = options;
  }

  get started(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts the thread before it is needed. */
  warm(): void {
    this.#worker ??= this.#start();
  }

  /**
   * @param timeoutMs from the moment the thread takes the task.
   * @param urgent goes before what waits, however much that is.
   * @throws ThreadError
   */
  run(task: Task, timeoutMs: number, urgent = false): Promise<Reply> {
    const { name, maxQueue } = this.#options;
    if (!urgent && this.#waiting.length >= maxQueue)
      return Promise.reject(new ThreadError('busy', `${maxQueue} tasks wait for the ${name} thread`));
    return new Promise((resolve, reject) => {
      const job = { task, timeoutMs, resolve, reject };
      if (urgent) this.#waiting.unshift(job);
      else this.#waiting.push(job);
      this.#next();
    });
  }

  /** Ends the thread, rejecting what runs and what waits. */
  async close(): Promise<void> {
    const worker = this.#worker;
    const error = new ThreadError('closed', `the ${this.#options.name} thread was closed`);
    for (const job of this.#waiting.splice(0)) job.reject(error);
    this.#end(error);
    await worker?.terminate();
  }

  #next(): void {
    if (this.#running || this.#waiting.length === 0) return;
    this.#running = this.#waiting.shift();
    this.warm();
    if (this.#ready) this.#send();
    else this.#limit(START_MS, new ThreadError('died', `the ${this.#options.name} thread did not start`));
  }

  #send(): void {
    const { task, timeoutMs } = this.#running!;
    this.#limit(
      timeoutMs,
      new ThreadError('timeout', `${this.#options.name} took more than ${timeoutMs} ms`),
    );
    this.#worker!.postMessage(task);
  }

  #limit(ms: number, error: ThreadError): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(error), ms);
  }

  #start(): Worker {
    const { name, script, maxHeap } = this.#options;
    this.#ready = false;
    // Node warns on each start of a thread that strips types; the flags of the test runner do not concern it.
    const worker = new Worker(new URL(script.href + extension), {
      execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=source'],
      resourceLimits: { maxOldGenerationSizeMb: maxHeap },
    });
    worker.on('message', (message: { readonly reply: Reply } | 'ready') => {
      if (worker !== this.#worker) return;
      if (message === 'ready') {
        this.#ready = true;
        if (this.#running) this.#send();
      } else this.#settle((job) => job.resolve(message.reply));
    });
    const died = (why: string): void => {
      if (worker === this.#worker) this.#end(new ThreadError('died', `the ${name} thread ended: ${why}`));
    };
    worker.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => died(`code ${code}`));
    worker.unref();
    return worker;
  }

  #end(error: ThreadError): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#ready = false;
    void worker?.terminate();
    this.#settle((job) => job.reject(error));
  }

  #settle(settle: (job: Job<Task, Reply>) => void): void {
    clearTimeout(this.#timer);
    const job = this.#running;
    this.#running = undefined;
    if (job) settle(job);
    this.#next();
  }
}
