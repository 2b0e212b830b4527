import { expect, test } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import { ServiceBroker } from 'moleculer';
import pg from 'pg';
import { startPostgres } from '../../../scripts/infra/postgres.ts';
import { storeErrors } from './away.ts';
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

(skipped ? test.skip : test)(
  'an action whose database restarts fails with STORE_UNAVAILABLE, and works again by itself',
  async () => {
    await using server = await startPostgres();
    const url = await server.createDatabase('shop');
    const { db, close } = await openDatabase({ kind: 'postgres', url }, 'orders', {});
    const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
    broker.createService({
      name: 'orders',
      ...storeErrors,
      actions: {
        pid: () => pid(db),
        sleep: () => sql`select pg_sleep(60)`.execute(db),
        typo: () => sql`selekt 1`.execute(db),
      },
    });
    await broker.start();
    await expect(broker.call('orders.pid')).resolves.toEqual(expect.any(Number));
    const away = { type: 'STORE_UNAVAILABLE', retryable: true, code: 503 };
    // The server is stopped when it has begun, and not before.
    const busy = broker.call('orders.sleep').catch((error: unknown) => error);
    await sleeping(server.url);
    await server.stop('SIGQUIT');
    expect(await busy).toMatchObject(away);
    await expect(broker.call('orders.pid')).rejects.toMatchObject(away);
    await server.start();
    await expect(broker.call('orders.pid')).resolves.toEqual(expect.any(Number));
    const mistake = await broker.call('orders.typo').catch((error: unknown) => error);
    expect(mistake).not.toMatchObject(away);
    await broker.stop();
    await close();
  },
);

/** Resolves when some connection sleeps. */
async function sleeping(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (let count = 0; count === 0; ) {
    const text =
      "select count(*)::int from pg_stat_activity where wait_event = 'PgSleep' and pid <> pg_backend_pid()";
    const { rows } = await client.query<{ count: number }>(text);
    count = rows[0]?.count ?? 0;
  }
  await client.end();
}

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
