import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './database.ts';

/** Connections per service and process; pg's 10 times ten services is all that a server allows. */
const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens the schema `service` of the database at `url`; it connects at the first query. */
export function openSchema(url: string, service: string): Database<unknown> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: service,
    // For SQL that Kysely does not put together, and so cannot put the schema's name into: outbox and sagas have some.
    options: `-c search_path=${service}`,
    types: { getTypeParser: integersAsNumbers },
  });
  // A connection that breaks (server restarted) fails its query and is replaced at the next use. Its error events tell
  // the same again, idle ones through the pool, busy ones through the client; unheard, each would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  let closing: Promise<void> | undefined;
  return {
    db: db.withSchema(service),
    close() {
      closing ??= db.destroy();
      return closing;
    },
  };
}

/** `bigint` columns and counts are below 2^53 here; pg gives them as text. */
const integersAsNumbers: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
