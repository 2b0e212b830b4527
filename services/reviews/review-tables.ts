import type { Migration } from 'kysely/migration';

export interface ReviewTables {
  reviews: {
    id: string;
    product_id: string;
    user_id: string;
    rating: number;
    title: string;
    body: string;
    /** 0 or 1 */
    verified: number;
    created_at: number;
  };
  /** Who bought what: all that reviews needs to know of orders. */
  purchases: { user_id: string; product_id: string };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_reviews': {
    async up(db) {
      await db.schema
        .createTable('reviews')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('product_id', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('rating', 'integer', (column) => column.notNull())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('verified', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addUniqueConstraint('one_per_user_and_product', ['user_id', 'product_id'])
        .execute();
      for (const owner of ['product', 'user'])
        await db.schema
          .createIndex(`reviews_by_${owner}`)
          .on('reviews')
          .columns([`${owner}_id`, 'created_at', 'id'])
          .execute();
    },
  },
  '0002_purchases': {
    async up(db) {
      await db.schema
        .createTable('purchases')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('product_id', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('bought_once', ['user_id', 'product_id'])
        .execute();
    },
  },
};
