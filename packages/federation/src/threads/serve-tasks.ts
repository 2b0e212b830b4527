import { parentPort } from 'node:worker_threads';

/** The thread's side of a `TaskThread`. What `handle` throws ends the thread: faults of a task belong in its reply. */
export function serveTasks<Task, Reply>(handle: (task: Task) => Reply | Promise<Reply>): void {
  parentPort?.on('message', async (task: Task) => {
    parentPort?.postMessage({ reply: await handle(task) });
  });
  parentPort?.postMessage('ready');
}
