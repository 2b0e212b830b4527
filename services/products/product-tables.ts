import type { Migration } from 'kysely/migration';

export interface ProductTables {
  products: {
    id: string;
    name: string;
    brand: string;
    category: string;
    description: string;
    /** Name, brand and category in lower case: what a search looks through, the same on each database. */
    search_text: string;
    /** Minor units. */
    price: number;
    /** Grams. */
    weight: number;
    sold: number;
    created_at: number;
  };
  /** Orders that `sold` holds already: an event may be delivered twice. */
  counted_orders: { order_id: string };
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_products': {
    async up(db) {
      await db.schema
        .createTable('products')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('brand', 'text', (column) => column.notNull())
        .addColumn('category', 'text', (column) => column.notNull())
        .addColumn('description', 'text', (column) => column.notNull())
        .addColumn('search_text', 'text', (column) => column.notNull())
        .addColumn('price', 'integer', (column) => column.notNull())
        .addColumn('weight', 'integer', (column) => column.notNull())
        .addColumn('sold', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('products_by_age').on('products').columns(['created_at', 'id']).execute();
      await db.schema.createIndex('products_by_sales').on('products').columns(['sold desc', 'id']).execute();
    },
  },
  '0002_counted_orders': {
    async up(db) {
      await db.schema
        .createTable('counted_orders')
        .addColumn('order_id', 'text', (column) => column.primaryKey())
        .execute();
    },
  },
};
