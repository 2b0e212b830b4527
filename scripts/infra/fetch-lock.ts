/** Test files run in processes of their own: the first that needs a server fetches it, the others wait. */
import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const BEAT_MS = 2_000;
/** Its holder was killed, or its machine. */
const STALE_MS = 60_000;

/**
 * Runs `work` while nobody else on this machine runs one for `target`; waits for as long as that takes. `work` looks first
 * whether there is anything left to do. Two get in at once only where two at once find a lock stale.
 */
export async function withFetchLock(target: string, work: () => Promise<void>): Promise<void> {
  const lock = `${target}.lock`;
  for (;;) {
    const handle = await open(lock, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (handle) {
      const beat = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => {}), BEAT_MS);
      try {
        return await work();
      } finally {
        clearInterval(beat);
        await handle.close();
        await rm(lock, { force: true });
      }
    }
    const found = await stat(lock).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > STALE_MS) await rm(lock, { force: true });
    await delay(200);
  }
}
