import { expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { startPostgres } from '../../../scripts/infra/postgres.ts';
import { openDatabase } from './database.ts';

const skipped = process.env.SKIP_POSTGRES === '1' && process.env.CI !== 'true';

(skipped ? test.skip : test)(
  'connections that the server ends, idle or busy, are replaced by new ones',
  async () => {
    await using server = await startPostgres();
    const url = await server.createDatabase('shop');
    const { db, close } = await openDatabase({ kind: 'postgres', url }, 'orders', {});
    const idle = await pid(db);
    await end(server.url, [idle]);
    // The news of its end may still be under way: then one query fails.
    expect(await pid(db).catch(() => pid(db))).not.toBe(idle);

    await db.connection().execute(async (busy) => {
      const doomed = await pid(busy);
      const query = sql`select pg_sleep(60)`.execute(busy);
      await Promise.all([expect(query).rejects.toThrow(), end(server.url, [doomed])]);
    });
    expect(await pid(db)).toEqual(expect.any(Number));
    await close();
  },
);

async function pid(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  return rows[0]?.pid ?? 0;
}

/** Ends connections as a restarting server does; resolves when they are gone. */
async function end(url: string, pids: readonly number[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('select pg_terminate_backend(pid, 5000) from unnest($1::int[]) as pid', [pids]);
  await client.end();
}
