import { DurableEventError } from '../errors.ts';
import type { LocalStore } from './local-store.ts';

/** A disk that is full is not hammered. */
export const STORE_RETRY_MS = 1_000;

/** Takes up what was claimed in a transaction: `durable` when that is safe, otherwise it never happened, or may not have. */
export type EndClaim = (durable: boolean) => void;

export interface Committer {
  /** Runs `work` in the next transaction; resolves with its result when that is durable, rejects when it may not be. */
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
 * Gathers work into one transaction, and one sync to the disk for all of it: that of one turn of the event loop, and what
 * came while the disk was syncing the last one. The slower the disk, the more it does at once.
 *
 * @param claim called at the end of each transaction, inside it; what it returns is called once, when the outcome is known.
 */
export function createCommitter(store: LocalStore, claim: () => EndClaim): Committer {
  let waiting: Waiting[] = [];
  let asked = false;
  let looping: Promise<void> | undefined;
  let state: 'open' | 'closing' | 'closed' = 'open';

  /** Never rejects. */
  const flush = async () => {
    const batch = waiting;
    waiting = [];
    let end: EndClaim = () => {};
    try {
      const told = store.transaction(() => {
        const tells = batch.map((entry) => entry.run());
        end = claim();
        return tells;
      });
      await store.sync();
      for (const tell of told) tell();
      end(true);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `the store failed: ${reason}`;
      for (const entry of batch)
        entry.reject(new DurableEventError('CHANNEL_UNAVAILABLE', message, { cause: error }));
      end(false);
      setTimeout(wake, STORE_RETRY_MS).unref();
    }
  };
  const loop = async () => {
    while (asked && state === 'open') {
      await new Promise((resolve) => setImmediate(resolve));
      asked = false;
      await flush();
    }
    looping = undefined;
  };
  const wake = () => {
    asked = true;
    if (state === 'open') looping ??= loop();
  };
  return {
    commit: (work) =>
      new Promise((resolve, reject) => {
        if (state === 'closed')
          return reject(new DurableEventError('CHANNEL_CLOSED', 'the channel is closed'));
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
      state = 'closing';
      await looping;
      const last = flush();
      // Whoever comes now is too late for it, and must not wait for ever.
      state = 'closed';
      await last;
    },
  };
}
