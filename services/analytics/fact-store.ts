/** Adds what an event tells to the counts of a generation. Call it in a transaction. */
import { type Kysely, sql } from 'kysely';
import { type Cancellation, type Fact, hourOf, type Sale } from './sales.ts';
import type { SalesTables } from './sales-tables.ts';

export async function countFact(tx: Kysely<SalesTables>, generation: number, fact: Fact): Promise<void> {
  switch (fact.kind) {
    case 'registration':
      return countCustomer(tx, generation, fact.userId, { registered: 1, orders: 0 });
    case 'sale':
      return countSale(tx, generation, fact);
    case 'cancellation':
      return countCancellation(tx, generation, fact);
    default:
      return countStep(tx, generation, fact.kind);
  }
}

async function countSale(tx: Kysely<SalesTables>, generation: number, sale: Sale): Promise<void> {
  await tx
    .insertInto('hours')
    .values({ generation, hour: hourOf(sale.at), orders: 1, revenue: sale.amount })
    .onConflict((conflict) =>
      conflict.columns(['generation', 'hour']).doUpdateSet({
        orders: sql`hours.orders + excluded.orders`,
        revenue: sql`hours.revenue + excluded.revenue`,
      }),
    )
    .execute();
  // In one order everywhere, or two sales with the same products could each hold a row that the other wants.
  for (const { productId, quantity } of sale.items.toSorted((a, b) => (a.productId < b.productId ? -1 : 1)))
    await tx
      .insertInto('product_sales')
      .values({ generation, product_id: productId, pieces: quantity, orders: 1 })
      .onConflict((conflict) =>
        conflict.columns(['generation', 'product_id']).doUpdateSet({
          pieces: sql`product_sales.pieces + excluded.pieces`,
          orders: sql`product_sales.orders + excluded.orders`,
        }),
      )
      .execute();
  await countCustomer(tx, generation, sale.customerId, { registered: 0, orders: 1 });
}

async function countCustomer(
  tx: Kysely<SalesTables>,
  generation: number,
  userId: string,
  more: { readonly registered: number; readonly orders: number },
): Promise<void> {
  await tx
    .insertInto('customers')
    .values({ generation, user_id: userId, ...more })
    .onConflict((conflict) =>
      conflict.columns(['generation', 'user_id']).doUpdateSet({
        registered: sql`customers.registered + excluded.registered`,
        orders: sql`customers.orders + excluded.orders`,
      }),
    )
    .execute();
}

async function countStep(
  tx: Kysely<SalesTables>,
  generation: number,
  step: 'placed' | 'shipped',
): Promise<void> {
  await tx
    .insertInto('order_steps')
    .values({ generation, step, orders: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['generation', 'step'])
        .doUpdateSet({ orders: sql`order_steps.orders + excluded.orders` }),
    )
    .execute();
}

async function countCancellation(
  tx: Kysely<SalesTables>,
  generation: number,
  { reason, refunded }: Cancellation,
): Promise<void> {
  await tx
    .insertInto('cancellations')
    .values({ generation, reason, orders: 1, refunds: refunded === null ? 0 : 1, refunded: refunded ?? 0 })
    .onConflict((conflict) =>
      conflict.columns(['generation', 'reason']).doUpdateSet({
        orders: sql`cancellations.orders + excluded.orders`,
        refunds: sql`cancellations.refunds + excluded.refunds`,
        refunded: sql`cancellations.refunded + excluded.refunded`,
      }),
    )
    .execute();
}
