import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OrderRun } from './workload.ts';

export interface ShopRun {
  /** As many at once as keep it busy. */
  readonly full: OrderRun;
  /** At half that rate. */
  readonly half: OrderRun;
  /** µs of CPU an order, of everything that runs. */
  readonly cpu: number;
}

export interface Amount {
  readonly warmUp: number;
  readonly orders: number;
  readonly inFlight: number;
}

/** @param dataDir empty, for the SQLite files. */
export async function embedded(dataDir: string, { warmUp, orders, inFlight }: Amount): Promise<ShopRun> {
  const child = fork(
    fileURLToPath(new URL('embedded-process.ts', import.meta.url)),
    [warmUp, orders, inFlight].map(String),
    {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        LOG_LEVEL: 'error',
        LOG_FORMAT: 'text',
        DATA_DIR: dataDir,
      },
    },
  );
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the embedded shop ended')));
  ended.catch(() => undefined);
  try {
    const [run] = (await Promise.race([once(child, 'message'), ended])) as [ShopRun];
    return run;
  } finally {
    child.kill('SIGKILL');
  }
}
