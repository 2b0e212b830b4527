/** A server that is started again whenever it ends, until it is told to stop. */
import { setTimeout as delay } from 'node:timers/promises';

/** What the servers of scripts/infra have in common. */
export interface Restartable {
  start(): Promise<void>;
  /** Ends it at once, as a crash would; its data and its port are kept. */
  crash(): Promise<void>;
  /** Resolves when the process that runs now has ended. */
  exited(): Promise<void>;
}

export interface KeptServer {
  /** Crashes it and leaves it away for `downMs`; resolves when it answers again. While one is under way, it is that one. */
  restart(downMs: number): Promise<void>;
  /** Resolves when nothing starts it any more: then its owner may end it. */
  release(): Promise<void>;
}

const PAUSE_MS = 250;

/** @param report receives incidents, for people. */
export function keepRunning(name: string, server: Restartable, report: (line: string) => void): KeptServer {
  const released = new AbortController();
  let wanted: { readonly downMs: number; readonly done: PromiseWithResolvers<void> } | undefined;
  let starting = Promise.resolve();

  const startAgain = async () => {
    if (!wanted) report(`${name} ended, and is started again`);
    let wait = wanted?.downMs ?? PAUSE_MS;
    for (;;) {
      await delay(wait, undefined, { signal: released.signal }).catch(() => undefined);
      if (released.signal.aborted) break;
      try {
        await server.start();
        break;
      } catch (error) {
        report(`${name} does not start: ${error instanceof Error ? error.message : error}`);
        wait = PAUSE_MS;
      }
    }
    wanted?.done.resolve();
    wanted = undefined;
  };
  const keep = async () => {
    while (!released.signal.aborted) {
      await server.exited();
      if (released.signal.aborted) return;
      starting = startAgain();
      await starting;
    }
  };
  void keep();

  return {
    async restart(downMs) {
      wanted ??= { downMs, done: Promise.withResolvers<void>() };
      const { promise } = wanted.done;
      await server.crash();
      await promise;
    },
    async release() {
      released.abort();
      await starting;
    },
  };
}
