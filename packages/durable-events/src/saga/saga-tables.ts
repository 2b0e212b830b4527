import type { Migration } from 'kysely/migration';

export interface SagaTables {
  durable_saga: {
    saga: string;
    id: string;
    status: string;
    /** The rest of the record as JSON: always read and written whole. */
    record: string;
    version: number;
    /** When there is something to do; null: nothing. PostgreSQL answers times as text. */
    due_at: number | null;
    updated_at: number;
    lease_owner: string | null;
    lease_until: number;
  };
}

/** For Kysely's Migrator, in the service's own migrations. */
export const sagaMigration: Migration = {
  async up(db) {
    await db.schema
      .createTable('durable_saga')
      .addColumn('saga', 'text', (col) => col.notNull())
      .addColumn('id', 'text', (col) => col.notNull())
      .addColumn('status', 'text', (col) => col.notNull())
      .addColumn('record', 'text', (col) => col.notNull())
      .addColumn('version', 'integer', (col) => col.notNull())
      .addColumn('due_at', 'bigint')
      .addColumn('updated_at', 'bigint', (col) => col.notNull())
      .addColumn('lease_owner', 'text')
      .addColumn('lease_until', 'bigint', (col) => col.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('durable_saga_pkey', ['saga', 'id'])
      .execute();
    await db.schema.createIndex('durable_saga_due').on('durable_saga').columns(['due_at']).execute();
    await db.schema
      .createIndex('durable_saga_status')
      .on('durable_saga')
      .columns(['status', 'updated_at'])
      .execute();
  },
  async down(db) {
    await db.schema.dropTable('durable_saga').execute();
  },
};
