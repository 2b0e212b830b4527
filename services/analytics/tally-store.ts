import { type Kysely, sql } from 'kysely';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { insertAll } from '../common/database/seed-once.ts';
import type { SalesTables } from './sales-tables.ts';
import type { Tally } from './tally.ts';

/** Adds a tally to the counts of a generation. Call it in a transaction. */
export type AddTally = (tx: Kysely<SalesTables>, generation: number, tally: Tally) => Promise<void>;

/** @param db the one of the transactions, or a transaction itself. */
export function tallyAdder(db: Kysely<SalesTables>): AddTally {
  const add = tallyQueries(db);
  return async (tx, generation, tally) => {
    const into = <Row extends object>(rows: readonly Row[]) => rows.map((row) => ({ generation, ...row }));
    const by =
      <Row>(query: Prepared<SalesTables, Rows<Row>, unknown>) =>
      (rows: readonly Row[]) => ({ execute: () => query(tx, { rows }) });
    await insertAll(into(tally.hours), by(add.hours));
    await insertAll(into(tally.products), by(add.products));
    await insertAll(into(tally.customers), by(add.customers));
    await insertAll(into(tally.steps), by(add.steps));
    await insertAll(into(tally.cancellations), by(add.cancellations));
  };
}

interface Rows<Row> {
  readonly rows: readonly Row[];
}

const tallyQueries = (db: Kysely<SalesTables>) => ({
  hours: prepared(db, (db, { rows }: Rows<SalesTables['hours']>) =>
    db
      .insertInto('hours')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'hour']).doUpdateSet({
          orders: sql`hours.orders + excluded.orders`,
          revenue: sql`hours.revenue + excluded.revenue`,
        }),
      ),
  ),
  products: prepared(db, (db, { rows }: Rows<SalesTables['product_sales']>) =>
    db
      .insertInto('product_sales')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'product_id']).doUpdateSet({
          pieces: sql`product_sales.pieces + excluded.pieces`,
          orders: sql`product_sales.orders + excluded.orders`,
        }),
      ),
  ),
  customers: prepared(db, (db, { rows }: Rows<SalesTables['customers']>) =>
    db
      .insertInto('customers')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'user_id']).doUpdateSet({
          registered: sql`customers.registered + excluded.registered`,
          orders: sql`customers.orders + excluded.orders`,
        }),
      ),
  ),
  steps: prepared(db, (db, { rows }: Rows<SalesTables['order_steps']>) =>
    db
      .insertInto('order_steps')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['generation', 'step'])
          .doUpdateSet({ orders: sql`order_steps.orders + excluded.orders` }),
      ),
  ),
  cancellations: prepared(db, (db, { rows }: Rows<SalesTables['cancellations']>) =>
    db
      .insertInto('cancellations')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'reason']).doUpdateSet({
          orders: sql`cancellations.orders + excluded.orders`,
          refunds: sql`cancellations.refunds + excluded.refunds`,
          refunded: sql`cancellations.refunded + excluded.refunded`,
        }),
      ),
  ),
});
