import type { Migration } from 'kysely/migration';
import { outboxMigration } from 'moleculer-durable-events';

export interface OrderTables {
  orders: {
    id: string;
    customer_id: string;
    /** Minor units. */
    total: number;
    currency: string;
    created_at: number;
  };
  order_lines: {
    order_id: string;
    /** 0, 1, … in the order the customer gave. */
    position: number;
    product_id: string;
    quantity: number;
    /** Minor units, in the order's currency. */
    unit_price: number;
  };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_orders': {
    async up(db) {
      await db.schema
        .createTable('orders')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('customer_id', 'text', (column) => column.notNull())
        .addColumn('total', 'integer', (column) => column.notNull())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('orders_by_customer')
        .on('orders')
        .columns(['customer_id', 'created_at', 'id'])
        .execute();
      await db.schema
        .createTable('order_lines')
        .addColumn('order_id', 'text', (column) => column.notNull().references('orders.id'))
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('product_id', 'text', (column) => column.notNull())
        .addColumn('quantity', 'integer', (column) => column.notNull())
        .addColumn('unit_price', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('one_line_per_position', ['order_id', 'position'])
        .execute();
    },
  },
  '0002_outbox': outboxMigration,
};
