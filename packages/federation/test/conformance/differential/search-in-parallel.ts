import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Kind, Search } from './search.ts';

/** What one thread searches. */
export interface Share {
  readonly worlds: readonly number[];
  readonly operationsPerWorld: number;
  readonly kind: Kind;
}

const THREADS = 2;

/** `search`, the worlds dealt out to threads: it is all computing, and inside Jest's contexts takes twice as long. */
export async function searchInParallel(
  worlds: readonly number[],
  operationsPerWorld: number,
  kind: Kind = 'whole',
): Promise<Search> {
  const shares = Array.from({ length: THREADS }, (_, thread) =>
    worlds.filter((_, index) => index % THREADS === thread),
  );
  const searches = await Promise.all(
    shares.map((share) => searchIn({ worlds: share, operationsPerWorld, kind })),
  );
  return {
    compared: searches.reduce((sum, { compared }) => sum + compared, 0),
    findings: searches.flatMap(({ findings }) => findings),
  };
}

async function searchIn(share: Share): Promise<Search> {
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), {
    workerData: share,
    execArgv: ['--conditions=source'],
  });
  try {
    // Rejects with what the worker dies of.
    const [found] = await once(worker, 'message');
    return found;
  } finally {
    await worker.terminate();
  }
}
