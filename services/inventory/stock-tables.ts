import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export interface StockTables {
  stock: { product_id: string; available: number };
  reservations: { order_id: string; product_id: string; quantity: number };
  /** What became of an order's reservation. `sold`: the pieces have left. */
  reservation_states: { order_id: string; state: 'reserved' | 'sold' | 'released' };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_stock': {
    async up(db) {
      await db.schema
        .createTable('stock')
        .addColumn('product_id', 'text', (column) => column.primaryKey())
        .addColumn('available', 'integer', (column) => column.notNull())
        .addCheckConstraint('never_oversold', sql`available >= 0`)
        .execute();
    },
  },
  '0002_reservations': {
    async up(db) {
      await db.schema
        .createTable('reservations')
        .addColumn('order_id', 'text', (column) => column.notNull())
        .addColumn('product_id', 'text', (column) => column.notNull())
        .addColumn('quantity', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('one_per_order_and_product', ['order_id', 'product_id'])
        .execute();
    },
  },
  '0003_reservation_states': {
    async up(db) {
      await db.schema
        .createTable('reservation_states')
        .addColumn('order_id', 'text', (column) => column.primaryKey())
        .addColumn('state', 'text', (column) => column.notNull())
        .execute();
      // Orders of before were final when they were placed.
      await db
        .insertInto('reservation_states')
        .columns(['order_id', 'state'])
        .expression(
          db
            .selectFrom('reservations')
            .select(['order_id', sql<string>`'sold'`.as('state')])
            .distinct(),
        )
        .execute();
    },
  },
};
