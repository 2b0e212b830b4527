import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Kysely } from 'kysely';
import { type PostgresServer, startPostgres } from '../../../scripts/infra/postgres.ts';
import { openPostgres, openSqlite } from './databases.ts';

/**
 * A new database. On PostgreSQL each `connect` is a pool of its own; on SQLite all are one connection, as two of one
 * process would wait for each other's lock without letting the other go on.
 */
export interface TestDatabase<DB> extends AsyncDisposable {
  connect(): Kysely<DB>;
  /** Where another process finds it: postgres://… or sqlite:PATH, for `openUrl`. */
  readonly url: string;
}

/** Runs the same suite on SQLite and on PostgreSQL; without the latter on a machine that says SKIP_POSTGRES=1, aloud. */
export function describeEachDatabase<DB>(
  env: NodeJS.ProcessEnv,
  suite: (create: () => Promise<TestDatabase<DB>>) => void,
): void {
  describe('on SQLite', () => {
    suite(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'durable-'));
      const path = join(folder, 'test.db');
      const db = openSqlite<DB>(path);
      return database(
        `sqlite:${path}`,
        () => db,
        () => rm(folder, { recursive: true, force: true }),
      );
    });
  });
  const skip = env.SKIP_POSTGRES === '1' && env.CI !== 'true';
  if (skip) process.stderr.write('\nNOT RUN: durable events on PostgreSQL (SKIP_POSTGRES=1)\n');
  (skip ? describe.skip : describe)('on PostgreSQL', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(async () => server[Symbol.asyncDispose]());
    suite(async () => {
      const url = await server.createDatabase(`t_${randomUUID()}`);
      return database(
        url,
        () => openPostgres<DB>(url),
        async () => {},
      );
    });
  });
}

function database<DB>(url: string, open: () => Kysely<DB>, clean: () => Promise<void>): TestDatabase<DB> {
  const opened: Kysely<DB>[] = [];
  return {
    url,
    connect() {
      const db = open();
      opened.push(db);
      return db;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((db) => db.destroy()));
      await clean();
    },
  };
}
