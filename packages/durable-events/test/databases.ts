/** Databases for this package's own tests. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, PostgresDialect, type SqliteDatabase, SqliteDialect } from 'kysely';
import type { Migration } from 'kysely/migration';
import pg from 'pg';

/** Kysely over node:sqlite: the dialect expects the statements of better-sqlite3. */
export function openSqlite<DB>(path: string): Kysely<DB> {
  const raw = new DatabaseSync(path);
  raw.exec('pragma journal_mode = wal; pragma busy_timeout = 5000');
  const database: SqliteDatabase = {
    close: () => raw.close(),
    prepare(sql) {
      const statement = raw.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
  return new Kysely<DB>({ dialect: new SqliteDialect({ database }) });
}

export function openPostgres<DB>(connectionString: string): Kysely<DB> {
  const pool = new pg.Pool({ connectionString, max: 5 });
  // A server that ends is no reason for this process to: not with an idle connection, nor with one inside a transaction.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
}

/** postgres://… or sqlite:PATH */
export function openUrl<DB>(url: string): Kysely<DB> {
  return url.startsWith('sqlite:') ? openSqlite(url.slice(7)) : openPostgres(url);
}

export async function migrate<DB>(db: Kysely<DB>, ...migrations: Migration[]): Promise<void> {
  for (const migration of migrations) await migration.up(db as never);
}
