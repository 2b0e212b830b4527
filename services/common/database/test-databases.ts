/** The databases that each store must work the same on. For tests only. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../../scripts/infra/postgres.ts';
import type { ShopConfig } from '../../config.ts';

export interface TestDatabases extends AsyncDisposable {
  /** A configuration whose stores are empty, each call another. */
  fresh(options?: { readonly seed?: boolean }): Promise<ShopConfig>;
}

const common = {
  token: { issuer: 'test', audience: 'test', ttlSeconds: 60 },
  demoPassword: 'federation',
  orderStepTimeout: 15_000,
  mailAttempts: 3,
};

export async function sqliteDatabases(): Promise<TestDatabases> {
  const root = await mkdtemp(join(tmpdir(), 'shop-'));
  let count = 0;
  return {
    async fresh({ seed = false } = {}) {
      count += 1;
      return {
        database: { kind: 'sqlite', folder: join(root, `${count}`) },
        seed,
        ...common,
      };
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

export async function postgresDatabases(): Promise<TestDatabases> {
  const server = await startPostgres();
  let count = 0;
  return {
    async fresh({ seed = false } = {}) {
      count += 1;
      const url = await server.createDatabase(`shop${count}`);
      return { database: { kind: 'postgres', url }, seed, ...common };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
