import type { Migration } from 'kysely/migration';

/**
 * Each row belongs to a generation. One is shown; a rebuild fills the next beside it, and then that one is shown.
 */
export interface SalesTables {
  /** One row: which generation is shown, and the highest that a rebuild has taken. */
  generations: { slot: string; shown: number; latest: number };
  handled: { generation: number; event_id: string };
  hours: { generation: number; hour: number; orders: number; revenue: number };
  product_sales: { generation: number; product_id: string; pieces: number; orders: number };
  customers: { generation: number; user_id: string; registered: number; orders: number };
  /** Steps of an order that are told by nothing but their number. */
  order_steps: { generation: number; step: string; orders: number };
  /** `refunded`: minor units, of the `refunds` among these orders. */
  cancellations: { generation: number; reason: string; orders: number; refunds: number; refunded: number };
}

/** What a generation counts. `handled` is how, and not part of it. */
export const COUNTS = ['hours', 'product_sales', 'customers', 'order_steps', 'cancellations'] as const;

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_sales': {
    async up(db) {
      await db.schema
        .createTable('generations')
        .addColumn('slot', 'text', (column) => column.primaryKey())
        .addColumn('shown', 'integer', (column) => column.notNull())
        .addColumn('latest', 'integer', (column) => column.notNull())
        .execute();
      await db.insertInto('generations').values({ slot: 'current', shown: 1, latest: 1 }).execute();
      await db.schema
        .createTable('handled')
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('event_id', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('handled_pkey', ['generation', 'event_id'])
        .execute();
      await db.schema
        .createTable('hours')
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('hour', 'bigint', (column) => column.notNull())
        .addColumn('orders', 'integer', (column) => column.notNull())
        .addColumn('revenue', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('hours_pkey', ['generation', 'hour'])
        .execute();
      await db.schema
        .createTable('product_sales')
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('product_id', 'text', (column) => column.notNull())
        .addColumn('pieces', 'integer', (column) => column.notNull())
        .addColumn('orders', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('product_sales_pkey', ['generation', 'product_id'])
        .execute();
      await db.schema
        .createTable('customers')
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('registered', 'integer', (column) => column.notNull())
        .addColumn('orders', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('customers_pkey', ['generation', 'user_id'])
        .execute();
    },
  },
  '0002_order_funnel': {
    async up(db) {
      await db.schema
        .createTable('order_steps')
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('step', 'text', (column) => column.notNull())
        .addColumn('orders', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('order_steps_pkey', ['generation', 'step'])
        .execute();
      await db.schema
        .createTable('cancellations')
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('orders', 'integer', (column) => column.notNull())
        .addColumn('refunds', 'integer', (column) => column.notNull())
        .addColumn('refunded', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('cancellations_pkey', ['generation', 'reason'])
        .execute();
    },
  },
};
