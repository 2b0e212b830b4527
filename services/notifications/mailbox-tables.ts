import type { Migration } from 'kysely/migration';
import { inboxMigration, outboxMigration } from 'moleculer-durable-events';

export interface MailTables {
  mails: {
    id: string;
    kind: string;
    user_id: string;
    /** Address. */
    recipient: string;
    subject: string;
    body: string;
    html: string;
    created_at: number;
  };
  mail_failures: {
    id: string;
    kind: string;
    user_id: string;
    attempts: number;
    code: string;
    message: string;
    failed_at: number;
  };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_mails': {
    async up(db) {
      await db.schema
        .createTable('mails')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('recipient', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('mails_by_user')
        .on('mails')
        .columns(['user_id', 'created_at', 'id'])
        .execute();
      await db.schema.createIndex('mails_by_time').on('mails').columns(['created_at', 'id']).execute();
    },
  },
  '0002_outbox': outboxMigration,
  '0003_inbox': inboxMigration,
  '0004_html': {
    async up(db) {
      await db.schema
        .alterTable('mails')
        .addColumn('html', 'text', (column) => column.notNull().defaultTo(''))
        .execute();
      // The last failed attempt at a mail that is still to be sent.
      await db.schema
        .createTable('mail_failures')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('code', 'text', (column) => column.notNull())
        .addColumn('message', 'text', (column) => column.notNull())
        .addColumn('failed_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
};
