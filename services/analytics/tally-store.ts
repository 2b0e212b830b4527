import { type Kysely, sql } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import type { SalesTables } from './sales-tables.ts';
import type { Tally } from './tally.ts';

/** Adds a tally to the counts of a generation. Call it in a transaction. */
export async function addTally(tx: Kysely<SalesTables>, generation: number, tally: Tally): Promise<void> {
  const into = <Row extends object>(rows: readonly Row[]) => rows.map((row) => ({ generation, ...row }));
  await insertAll(into(tally.hours), (batch) =>
    tx
      .insertInto('hours')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'hour']).doUpdateSet({
          orders: sql`hours.orders + excluded.orders`,
          revenue: sql`hours.revenue + excluded.revenue`,
        }),
      ),
  );
  await insertAll(into(tally.products), (batch) =>
    tx
      .insertInto('product_sales')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'product_id']).doUpdateSet({
          pieces: sql`product_sales.pieces + excluded.pieces`,
          orders: sql`product_sales.orders + excluded.orders`,
        }),
      ),
  );
  await insertAll(into(tally.customers), (batch) =>
    tx
      .insertInto('customers')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'user_id']).doUpdateSet({
          registered: sql`customers.registered + excluded.registered`,
          orders: sql`customers.orders + excluded.orders`,
        }),
      ),
  );
  await insertAll(into(tally.steps), (batch) =>
    tx
      .insertInto('order_steps')
      .values(batch)
      .onConflict((conflict) =>
        conflict
          .columns(['generation', 'step'])
          .doUpdateSet({ orders: sql`order_steps.orders + excluded.orders` }),
      ),
  );
  await insertAll(into(tally.cancellations), (batch) =>
    tx
      .insertInto('cancellations')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['generation', 'reason']).doUpdateSet({
          orders: sql`cancellations.orders + excluded.orders`,
          refunds: sql`cancellations.refunds + excluded.refunds`,
          refunded: sql`cancellations.refunded + excluded.refunded`,
        }),
      ),
  );
}
