import type { Migration } from 'kysely/migration';

export interface ShippingTables {
  rates: {
    method: string;
    max_weight: number;
    price: number;
    days: number;
    free_from: number | null;
  };
  shipments: {
    order_id: string;
    customer_id: string;
    status: 'created' | 'cancelled';
    /** Null where it was cancelled before it was made. */
    tracking_number: string | null;
    method: string | null;
    updated_at: number;
  };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_rates': {
    async up(db) {
      await db.schema
        .createTable('rates')
        .addColumn('method', 'text', (column) => column.notNull())
        .addColumn('max_weight', 'integer', (column) => column.notNull())
        .addColumn('price', 'integer', (column) => column.notNull())
        .addColumn('days', 'integer', (column) => column.notNull())
        .addColumn('free_from', 'integer')
        .addPrimaryKeyConstraint('one_price_per_class', ['method', 'max_weight'])
        .execute();
    },
  },
  '0002_shipments': {
    async up(db) {
      await db.schema
        .createTable('shipments')
        .addColumn('order_id', 'text', (column) => column.primaryKey())
        .addColumn('customer_id', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('tracking_number', 'text')
        .addColumn('method', 'text')
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
};
