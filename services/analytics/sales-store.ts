import { type Kysely, sql } from 'kysely';
import { type Database, openDatabase } from '../common/database/database.ts';
import { euros } from '../common/money.ts';
import type { ShopConfig } from '../config.ts';
import { type Fact, type Funnel, hourOf, type Report, type Sale } from './sales.ts';
import { migrations, type SalesTables } from './sales-tables.ts';

const COUNTED = ['handled', 'hours', 'product_sales', 'customers'] as const;

/** Counts of what happened, in generations. Every replica works on the same ones. */
export class SalesStore {
  readonly #db: Kysely<SalesTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<SalesTables>) {
    this.#db = db;
    this.close = close;
  }

  /** Counts what an event tells, once per event, in the generation that is shown or in the one given. */
  async count(eventId: string, fact: Fact, generation?: number): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const into = generation ?? (await holdShown(tx));
      const first = await tx
        .insertInto('handled')
        .values({ generation: into, event_id: eventId })
        .onConflict((conflict) => conflict.doNothing())
        .returning('event_id')
        .executeTakeFirst();
      if (!first) return;
      if (fact.kind === 'sale') await countSale(tx, into, fact);
      else await countCustomer(tx, into, fact.userId, { registered: 1, orders: 0 });
    });
  }

  /** A new generation, empty and not shown. */
  async begin(): Promise<number> {
    const { latest } = await this.#db
      .updateTable('generations')
      .set((row) => ({ latest: row('latest', '+', 1) }))
      .returning('latest')
      .executeTakeFirstOrThrow();
    return latest;
  }

  /** How many events the generation that is shown has and this one has not. */
  async missing(generation: number): Promise<number> {
    return missing(this.#db, generation);
  }

  /**
   * Shows this generation and forgets all older ones, unless it misses events of the one that is shown: then nothing changes.
   * @returns whether any count differs from what was shown before, byte for byte; undefined when nothing was done.
   */
  async show(generation: number): Promise<{ readonly changed: boolean } | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      const shown = await holdShown(tx);
      if ((await missing(tx, generation)) > 0) return undefined;
      const changed = (await dump(tx, shown)) !== (await dump(tx, generation));
      await tx.updateTable('generations').set({ shown: generation }).execute();
      for (const table of COUNTED) await tx.deleteFrom(table).where('generation', '<', generation).execute();
      return { changed };
    });
  }

  /** Forgets a generation that is not shown. */
  async discard(generation: number): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      if ((await holdShown(tx)) === generation) return;
      for (const table of COUNTED) await tx.deleteFrom(table).where('generation', '=', generation).execute();
    });
  }

  async report(hours: number, products: number): Promise<Report> {
    return this.#db.transaction().execute(async (tx) => {
      const { shown } = await tx.selectFrom('generations').select('shown').executeTakeFirstOrThrow();
      const sales = await tx
        .selectFrom('hours')
        .selectAll()
        .where('generation', '=', shown)
        .orderBy('hour', 'desc')
        .limit(hours)
        .execute();
      const top = await tx
        .selectFrom('product_sales')
        .selectAll()
        .where('generation', '=', shown)
        .orderBy('pieces', 'desc')
        .orderBy('product_id')
        .limit(products)
        .execute();
      return {
        salesPerHour: sales.map(({ hour, orders, revenue }) => ({ hour, orders, revenue: euros(revenue) })),
        topProducts: top.map(({ product_id, pieces, orders }) => ({ productId: product_id, pieces, orders })),
        funnel: await funnel(tx, shown),
      };
    });
  }
}

/** The generation that is shown, and stays so until this transaction ends: PostgreSQL locks the row. */
async function holdShown(tx: Kysely<SalesTables>): Promise<number> {
  const { shown } = await tx
    .updateTable('generations')
    .set((row) => ({ shown: row.ref('shown') }))
    .returning('shown')
    .executeTakeFirstOrThrow();
  return shown;
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

async function missing(db: Kysely<SalesTables>, generation: number): Promise<number> {
  const { count } = await db
    .selectFrom('handled as shown')
    .innerJoin('generations as g', 'g.shown', 'shown.generation')
    .leftJoin('handled as mine', (join) =>
      join.onRef('mine.event_id', '=', 'shown.event_id').on('mine.generation', '=', generation),
    )
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('mine.event_id', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}

/** Everything that is counted, as text. */
async function dump(tx: Kysely<SalesTables>, generation: number): Promise<string> {
  const of = { generation: undefined };
  const [hours, products, customers] = [
    await tx.selectFrom('hours').selectAll().where('generation', '=', generation).orderBy('hour').execute(),
    await tx
      .selectFrom('product_sales')
      .selectAll()
      .where('generation', '=', generation)
      .orderBy('product_id')
      .execute(),
    await tx
      .selectFrom('customers')
      .selectAll()
      .where('generation', '=', generation)
      .orderBy('user_id')
      .execute(),
  ];
  return JSON.stringify([hours, products, customers].map((rows) => rows.map((row) => ({ ...row, ...of }))));
}

async function funnel(tx: Kysely<SalesTables>, generation: number): Promise<Funnel> {
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

export async function openSalesStore(config: ShopConfig): Promise<SalesStore> {
  return new SalesStore(await openDatabase<SalesTables>(config.database, 'analytics', migrations));
}
