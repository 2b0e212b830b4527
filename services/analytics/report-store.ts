/** Reads the counts of a generation as a report. Call it in a transaction, so that all of it is of one moment. */
import { type Kysely, sql } from 'kysely';
import { euros } from '../common/money.ts';
import type { Funnel, OrderFunnel, Report } from './sales.ts';
import type { SalesTables } from './sales-tables.ts';

export async function readReport(
  tx: Kysely<SalesTables>,
  generation: number,
  hours: number,
  products: number,
): Promise<Report> {
  const sales = await tx
    .selectFrom('hours')
    .selectAll()
    .where('generation', '=', generation)
    .orderBy('hour', 'desc')
    .limit(hours)
    .execute();
  const top = await tx
    .selectFrom('product_sales')
    .selectAll()
    .where('generation', '=', generation)
    .orderBy('pieces', 'desc')
    .orderBy('product_id')
    .limit(products)
    .execute();
  return {
    salesPerHour: sales.map(({ hour, orders, revenue }) => ({ hour, orders, revenue: euros(revenue) })),
    topProducts: top.map(({ product_id, pieces, orders }) => ({ productId: product_id, pieces, orders })),
    funnel: await readFunnel(tx, generation),
    orders: await readOrders(tx, generation),
  };
}

async function readFunnel(tx: Kysely<SalesTables>, generation: number): Promise<Funnel> {
  const found = await tx
    .selectFrom('customers')
    .select(({ fn }) => [
      fn.countAll<number>().as('registered'),
      sql<number>`coalesce(sum(case when orders > 0 then 1 else 0 end), 0)`.as('ordered'),
      sql<number>`coalesce(sum(case when orders > 1 then 1 else 0 end), 0)`.as('again'),
    ])
    .where('generation', '=', generation)
    .where('registered', '>', 0)
    .executeTakeFirstOrThrow();
  return {
    registered: found.registered,
    ordered: Number(found.ordered),
    orderedAgain: Number(found.again),
  };
}

async function readOrders(tx: Kysely<SalesTables>, generation: number): Promise<OrderFunnel> {
  const steps = await tx.selectFrom('order_steps').selectAll().where('generation', '=', generation).execute();
  const confirmed = await tx
    .selectFrom('hours')
    .select(({ fn }) => [fn.sum<number>('orders').as('orders'), fn.sum<number>('revenue').as('revenue')])
    .where('generation', '=', generation)
    .executeTakeFirstOrThrow();
  const cancellations = await tx
    .selectFrom('cancellations')
    .selectAll()
    .where('generation', '=', generation)
    .orderBy('orders', 'desc')
    .orderBy('reason')
    .execute();
  const reached = (name: string) => steps.find(({ step }) => step === name)?.orders ?? 0;
  return {
    placed: reached('placed'),
    confirmed: Number(confirmed.orders ?? 0),
    shipped: reached('shipped'),
    cancelled: cancellations.reduce((sum, { orders }) => sum + orders, 0),
    revenue: euros(Number(confirmed.revenue ?? 0)),
    refunded: euros(cancellations.reduce((sum, { refunded }) => sum + refunded, 0)),
    cancellations: cancellations.map(({ reason, orders, refunds }) => ({ reason, orders, refunds })),
  };
}
