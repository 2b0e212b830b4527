/** What outbox, relay and inbox keep in a service's own database: SQLite or PostgreSQL, through Kysely. */
import { type Generated, type Kysely, PostgresAdapter } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface OutboxTables {
  durable_outbox: {
    seq: Generated<number>;
    id: string;
    event: string;
    key: string;
    headers: string;
    data: string;
    /** ms since 1970, as all times here. PostgreSQL answers them as text. */
    created_at: number;
    attempts: number;
    next_attempt_at: number;
  };
  /** SQLite only: which relay publishes. */
  durable_outbox_lease: { id: number; owner: string; until: number };
  durable_inbox: { grp: string; id: string; handled_at: number };
}

/** Tables of this package in somebody else's schema: their Kysely knows nothing of them. */
export function tablesOf<T>(db: Kysely<unknown>): Kysely<T> {
  return db as Kysely<T>;
}

export function isPostgres(db: Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** For Kysely's Migrator, in the service's own migrations. */
export const outboxMigration: Migration = {
  async up(db) {
    const postgres = isPostgres(db as Kysely<unknown>);
    await db.schema
      .createTable('durable_outbox')
      // Without autoincrement SQLite gives the number of a deleted last row again, and order hangs on it.
      .addColumn('seq', postgres ? 'bigserial' : 'integer', (col) =>
        postgres ? col.primaryKey() : col.primaryKey().autoIncrement(),
      )
      .addColumn('id', 'text', (col) => col.notNull())
      .addColumn('event', 'text', (col) => col.notNull())
      .addColumn('key', 'text', (col) => col.notNull())
      .addColumn('headers', 'text', (col) => col.notNull())
      .addColumn('data', 'text', (col) => col.notNull())
      .addColumn('created_at', 'bigint', (col) => col.notNull())
      .addColumn('attempts', 'integer', (col) => col.notNull().defaultTo(0))
      .addColumn('next_attempt_at', 'bigint', (col) => col.notNull().defaultTo(0))
      .addUniqueConstraint('durable_outbox_id', ['event', 'id'])
      .execute();
    await db.schema
      .createIndex('durable_outbox_by_key')
      .on('durable_outbox')
      .columns(['key', 'seq'])
      .execute();
    if (!postgres)
      await db.schema
        .createTable('durable_outbox_lease')
        .addColumn('id', 'integer', (col) => col.primaryKey())
        .addColumn('owner', 'text', (col) => col.notNull())
        .addColumn('until', 'bigint', (col) => col.notNull())
        .execute();
  },
  async down(db) {
    await db.schema.dropTable('durable_outbox').execute();
    await db.schema.dropTable('durable_outbox_lease').ifExists().execute();
  },
};

/** For Kysely's Migrator, in the service's own migrations. */
export const inboxMigration: Migration = {
  async up(db) {
    await db.schema
      .createTable('durable_inbox')
      .addColumn('grp', 'text', (col) => col.notNull())
      .addColumn('id', 'text', (col) => col.notNull())
      .addColumn('handled_at', 'bigint', (col) => col.notNull())
      .addPrimaryKeyConstraint('durable_inbox_pkey', ['grp', 'id'])
      .execute();
    await db.schema
      .createIndex('durable_inbox_by_time')
      .on('durable_inbox')
      .columns(['handled_at'])
      .execute();
  },
  async down(db) {
    await db.schema.dropTable('durable_inbox').execute();
  },
};
