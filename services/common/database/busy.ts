/** SQLite: another process held the lock for longer than a statement waits for it. */
const SQLITE_BUSY = 5;
/** ms. Nobody holds a lock for so long who is not stuck. */
const PATIENCE = 120_000;

export function isBusy(error: unknown): boolean {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown };
  return typeof errcode === 'number' && (errcode & 0xff) === SQLITE_BUSY;
}

/**
 * Runs `work` again while it fails for a lock that another process holds; two minutes at most. For what all replicas do
 * when they start: one migrates and seeds, and takes its time on a slow machine; the others wait for it.
 */
export async function untilUnlocked<T>(work: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + PATIENCE; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
  }
}
