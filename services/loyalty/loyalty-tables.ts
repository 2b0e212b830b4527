import type { Migration } from 'kysely/migration';
import { inboxMigration } from 'moleculer-durable-events';

export interface LoyaltyTables {
  members: { user_id: string; enrolled_at: number };
  /** What an order brought; an order that was cancelled stays, at 0 points. */
  credits: { order_id: string; user_id: string; points: number; credited_at: number };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_members': {
    async up(db) {
      await db.schema
        .createTable('members')
        .addColumn('user_id', 'text', (column) => column.primaryKey())
        .addColumn('enrolled_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('credits')
        .addColumn('order_id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('points', 'integer', (column) => column.notNull())
        .addColumn('credited_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('credits_by_user').on('credits').columns(['user_id']).execute();
    },
  },
  '0002_inbox': inboxMigration,
};
