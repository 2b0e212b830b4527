/** How a process of ours ends: once, gracefully, and at the latest when nobody waits any more. */
import { performance } from 'node:perf_hooks';

/** npm passes the terminal's signal on to a process that already has it: a repeat this soon is the same key press. */
const SAME_KEY_PRESS_MS = 400;

/**
 * Runs `stop` on the first SIGINT or SIGTERM, or when the parent that holds our IPC channel is gone, then exits with 0.
 * A second signal, or `graceMs` gone by, exits with 1 at once.
 */
export function stopOnSignal(stop: () => Promise<void>, options: { readonly graceMs: number }): void {
  let since: number | undefined;
  const begin = (reason: string) => {
    const now = performance.now();
    if (since !== undefined) {
      if (now - since > SAME_KEY_PRESS_MS) process.exit(1);
      return;
    }
    since = now;
    // A parent that was killed no longer reads our output; writing to it must not end us half stopped.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    process.stderr.write(`${reason}: stopping\n`);
    setTimeout(() => process.exit(1), options.graceMs).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => begin('SIGINT'));
  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('disconnect', () => begin('parent gone'));
}
