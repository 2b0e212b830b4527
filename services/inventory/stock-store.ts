import type { Kysely } from 'kysely';
import { type Database, openDatabase } from '../common/database/database.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { seedStock } from './seed.ts';
import type { OrderedItem, Reservation, Stock, Totals } from './stock.ts';
import { migrations, type StockTables } from './stock-tables.ts';

/** Thrown through a transaction, so that it takes back what it did. */
class OutOfStock extends Error {
  readonly productId: string;

  constructor(productId: string) {
    super();
    this.productId = productId;
  }
}

/** What is available, and what is reserved for which order. Every replica of inventory works on the same one. */
export class StockStore {
  readonly #db: Kysely<StockTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<StockTables>) {
    this.#db = db;
    this.close = close;
  }

  /** One for each id, in their order; none available where the product is unknown. */
  async levels(ids: readonly string[]): Promise<Stock[]> {
    if (ids.length === 0) return [];
    const rows = await this.#db.selectFrom('stock').selectAll().where('product_id', 'in', ids).execute();
    const available = new Map(rows.map((row) => [row.product_id, row.available]));
    return ids.map((id) => ({ id, available: available.get(id) ?? 0 }));
  }

  /**
   * Takes all items off the shelf or none. Never more than there is, however many reserve at once. The same order
   * again changes nothing; one that was released gets nothing any more.
   *
   * @param items of different products.
   */
  async reserve(orderId: string, items: readonly OrderedItem[]): Promise<Reservation> {
    try {
      return await this.#db.transaction().execute(async (tx) => {
        const before = await claim(tx, orderId, 'reserved');
        if (before !== undefined)
          return before === 'released' ? { kind: 'released' } : { kind: 'reserved', changed: [] };
        const stock: Stock[] = [];
        for (const item of inLockOrder(items)) {
          stock.push({ id: item.productId, available: await take(tx, orderId, item) });
        }
        return { kind: 'reserved', changed: stock };
      });
    } catch (error) {
      if (!(error instanceof OutOfStock)) throw error;
      const [missing] = await this.levels([error.productId]);
      return { kind: 'out of stock', missing: missing ?? { id: error.productId, available: 0 } };
    }
  }

  /** The order's pieces leave for good. Again changes nothing. @returns false where none are reserved. */
  async sell(orderId: string): Promise<boolean> {
    const row = await this.#db
      .updateTable('reservation_states')
      .set({ state: 'sold' })
      .where('order_id', '=', orderId)
      .where('state', '!=', 'released')
      .returning('order_id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Puts back what is reserved for an order, if anything is, and bars a reservation that may yet arrive. What was sold
   * stays sold. @returns the stock of the products it changed.
   */
  async release(orderId: string): Promise<Stock[]> {
    return this.#db.transaction().execute(async (tx) => {
      if ((await claim(tx, orderId, 'released')) !== undefined) {
        const mine = await tx
          .updateTable('reservation_states')
          .set({ state: 'released' })
          .where('order_id', '=', orderId)
          .where('state', '=', 'reserved')
          .returning('order_id')
          .executeTakeFirst();
        if (!mine) return [];
      }
      const rows = await tx
        .deleteFrom('reservations')
        .where('order_id', '=', orderId)
        .returningAll()
        .execute();
      const stock: Stock[] = [];
      for (const { productId, quantity } of inLockOrder(
        rows.map((row) => ({ productId: row.product_id, quantity: row.quantity })),
      ))
        stock.push(await add(tx, productId, quantity));
      return stock;
    });
  }

  /** Of all products: pieces available, reserved, and sold through reservations. */
  async totals(): Promise<Totals> {
    const count = (value: unknown) => Number(value ?? 0);
    return this.#db.transaction().execute(async (tx) => {
      const shelf = await tx
        .selectFrom('stock')
        .select((row) => row.fn.sum<number>('available').as('sum'))
        .executeTakeFirst();
      const orders = await tx
        .selectFrom('reservations')
        .innerJoin('reservation_states', 'reservation_states.order_id', 'reservations.order_id')
        .select(['state', (row) => row.fn.sum<number>('quantity').as('sum')])
        .groupBy('state')
        .execute();
      const of = (state: string) => count(orders.find((row) => row.state === state)?.sum);
      return { available: count(shelf?.sum), reserved: of('reserved'), sold: of('sold') };
    });
  }

  /** Adds pieces, also of a product never heard of before. */
  restock(productId: string, quantity: number): Promise<Stock> {
    return add(this.#db, productId, quantity);
  }
}

/**
 * Whoever writes an order's state first decides between a reservation and its release; others wait for the transaction.
 * @returns the state that was there; undefined when it is `state` now.
 */
async function claim(
  tx: Kysely<StockTables>,
  orderId: string,
  state: 'reserved' | 'released',
): Promise<StockTables['reservation_states']['state'] | undefined> {
  const fresh = await tx
    .insertInto('reservation_states')
    .values({ order_id: orderId, state })
    .onConflict((conflict) => conflict.doNothing())
    .returning('order_id')
    .executeTakeFirst();
  if (fresh) return undefined;
  const row = await tx
    .selectFrom('reservation_states')
    .select('state')
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow();
  return row.state;
}

/** @returns what is left. @throws OutOfStock */
async function take(
  tx: Kysely<StockTables>,
  orderId: string,
  { productId, quantity }: OrderedItem,
): Promise<number> {
  await tx
    .insertInto('reservations')
    .values({ order_id: orderId, product_id: productId, quantity })
    .execute();
  const row = await tx
    .updateTable('stock')
    .set((stock) => ({ available: stock('available', '-', quantity) }))
    .where('product_id', '=', productId)
    .where('available', '>=', quantity)
    .returning('available')
    .executeTakeFirst();
  if (!row) throw new OutOfStock(productId);
  return row.available;
}

async function add(db: Kysely<StockTables>, productId: string, quantity: number): Promise<Stock> {
  const { available } = await db
    .insertInto('stock')
    .values({ product_id: productId, available: quantity })
    .onConflict((conflict) =>
      conflict
        .column('product_id')
        .doUpdateSet((row) => ({ available: row('stock.available', '+', quantity) })),
    )
    .returning('available')
    .executeTakeFirstOrThrow();
  return { id: productId, available };
}

/** Everybody locks rows in one order: two orders with the same products cannot each wait for the other. */
function inLockOrder(items: readonly OrderedItem[]): OrderedItem[] {
  return items.toSorted((a, b) => (a.productId < b.productId ? -1 : 1));
}

export async function openStockStore(config: ShopConfig): Promise<StockStore> {
  const database = await openDatabase<StockTables>(config.database, 'inventory', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedStock);
  return new StockStore(database);
}
