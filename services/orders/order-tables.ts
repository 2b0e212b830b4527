import type { Migration } from 'kysely/migration';
import { outboxMigration, sagaMigration } from 'moleculer-durable-events';
import type { OrderStatus } from './order.ts';

export interface OrderTables {
  orders: {
    id: string;
    customer_id: string;
    /** Minor units. */
    total: number;
    currency: string;
    created_at: number;
    status: OrderStatus;
    reason_code: string | null;
    reason_message: string | null;
    settled_at: number | null;
  };
  /** Requests to place an order, by the key that the customer gave them. Kept as long as the orders. */
  order_requests: {
    customer_id: string;
    key: string;
    fingerprint: string;
    /** Empty where it was refused. */
    order_id: string;
    /** Why it was refused, for people; null where there is an order. */
    refusal: string | null;
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
  '0003_sagas': sagaMigration,
  '0004_fulfilment': {
    async up(db) {
      // Orders of before were final when they were placed. SQLite adds one column at a time.
      const add = (name: string, type: 'text' | 'bigint') =>
        db.schema.alterTable('orders').addColumn(name, type);
      await db.schema
        .alterTable('orders')
        .addColumn('status', 'text', (column) => column.notNull().defaultTo('CONFIRMED'))
        .execute();
      await add('reason_code', 'text').execute();
      await add('reason_message', 'text').execute();
      await add('settled_at', 'bigint').execute();
      await db.schema
        .createTable('order_requests')
        .addColumn('customer_id', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('fingerprint', 'text', (column) => column.notNull())
        .addColumn('order_id', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('one_order_per_key', ['customer_id', 'key'])
        .execute();
    },
  },
  '0005_refusals': {
    async up(db) {
      await db.schema.alterTable('order_requests').addColumn('refusal', 'text').execute();
    },
  },
};
