import { DurableEventError } from '../errors.ts';
import type { LocalStore } from './local-store.ts';

/** A disk that is full is not hammered. */
export const STORE_RETRY_MS = 1_000;

export interface Committer {
  /** Runs `work` in the next transaction; resolves with its result when that is durable, rejects when it is not. */
  commit<T>(work: () => T): Promise<T>;
  /** Asks for a transaction even if nobody has work: something may be due. */
  wake(): void;
  /** Commits what waits; afterwards nothing is started any more. */
  close(): Promise<void>;
}

interface Waiting {
  /** Does the work; answers what tells its caller. */
  run(): () => void;
  reject(error: unknown): void;
}

/**
 * Gathers the work of one turn of the event loop into one transaction: one sync to the disk for all of it.
 *
 * @param claim called at the end of each transaction, inside it; what it returns is called once that is durable.
 */
export function createCommitter(store: LocalStore, claim: () => () => void): Committer {
  let waiting: Waiting[] = [];
  let scheduled = false;
  let closed = false;

  const flush = () => {
    scheduled = false;
    if (closed) return;
    const batch = waiting;
    waiting = [];
    try {
      const [told, start] = store.transaction(() => [batch.map((entry) => entry.run()), claim()] as const);
      for (const tell of told) tell();
      start();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `the store failed, nothing was stored: ${reason}`;
      for (const entry of batch)
        entry.reject(new DurableEventError('CHANNEL_UNAVAILABLE', message, { cause: error }));
      setTimeout(wake, STORE_RETRY_MS).unref();
    }
  };
  const wake = () => {
    if (scheduled || closed) return;
    scheduled = true;
    setImmediate(flush);
  };
  return {
    commit: (work) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new DurableEventError('CHANNEL_CLOSED', 'the channel is closed'));
        waiting.push({
          run() {
            const result = work();
            return () => resolve(result);
          },
          reject,
        });
        wake();
      }),
    wake,
    async close() {
      flush();
      closed = true;
    },
  };
}
