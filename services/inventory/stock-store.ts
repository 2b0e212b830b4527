import type { Kysely } from 'kysely';
import { type Database, openDatabase } from '../common/database/database.ts';
import { prepared } from '../common/database/prepared.ts';
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
  readonly #queries: ReturnType<typeof stockQueries>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<StockTables>) {
    this.#db = db;
    this.#queries = stockQueries(db);
    this.close = close;
  }

  /** One for each id, in their order; none available where the product is unknown. */
  async levels(ids: readonly string[]): Promise<Stock[]> {
    if (ids.length === 0) return [];
    const rows = await this.#queries.levels(this.#db, { ids });
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
    const { claim, stateOf, addReservations, take } = this.#queries;
    try {
      return await this.#db.transaction().execute(async (tx) => {
        if ((await claim(tx, { orderId, state: 'reserved' })).length === 0) {
          const [before] = await stateOf(tx, { orderId });
          return before?.state === 'released' ? { kind: 'released' } : { kind: 'reserved', changed: [] };
        }
        await addReservations(tx, { orderId, items });
        const changed: Stock[] = [];
        for (const item of inLockOrder(items)) {
          const [left] = await take(tx, item);
          if (!left) throw new OutOfStock(item.productId);
          changed.push({ id: item.productId, available: left.available });
        }
        return { kind: 'reserved', changed };
      });
    } catch (error) {
      if (!(error instanceof OutOfStock)) throw error;
      const [missing] = await this.levels([error.productId]);
      return { kind: 'out of stock', missing: missing ?? { id: error.productId, available: 0 } };
    }
  }

  /** The order's pieces leave for good. Again changes nothing. @returns false where none are reserved. */
  async sell(orderId: string): Promise<boolean> {
    return (await this.#queries.sell(this.#db, { orderId })).length > 0;
  }

  /**
   * Puts back what is reserved for an order, if anything is, and bars a reservation that may yet arrive. What was sold
   * stays sold. @returns the stock of the products it changed.
   */
  async release(orderId: string): Promise<Stock[]> {
    return this.#db.transaction().execute(async (tx) => {
      if ((await this.#queries.claim(tx, { orderId, state: 'released' })).length === 0) {
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

/** The statements of every order. */
const stockQueries = (db: Kysely<StockTables>) => ({
  levels: prepared(db, (db, { ids }: { readonly ids: readonly string[] }) =>
    db.selectFrom('stock').selectAll().where('product_id', 'in', ids),
  ),
  /**
   * Whoever writes an order's state first decides between a reservation and its release; others wait for the transaction, and
   * get no row.
   */
  claim: prepared(db, (db, { orderId, state }: { orderId: string; state: 'reserved' | 'released' }) =>
    db
      .insertInto('reservation_states')
      .values({ order_id: orderId, state })
      .onConflict((conflict) => conflict.doNothing())
      .returning('order_id'),
  ),
  stateOf: prepared(db, (db, { orderId }: { orderId: string }) =>
    db.selectFrom('reservation_states').select('state').where('order_id', '=', orderId),
  ),
  addReservations: prepared(
    db,
    (db, { orderId, items }: { orderId: string; items: readonly OrderedItem[] }) =>
      db
        .insertInto('reservations')
        .values(
          items.map(({ productId, quantity }) => ({ order_id: orderId, product_id: productId, quantity })),
        ),
  ),
  /** No row where there are not enough. */
  take: prepared(db, (db, { productId, quantity }: OrderedItem) =>
    db
      .updateTable('stock')
      .set((stock) => ({ available: stock('available', '-', quantity) }))
      .where('product_id', '=', productId)
      .where('available', '>=', quantity)
      .returning('available'),
  ),
  sell: prepared(db, (db, { orderId }: { orderId: string }) =>
    db
      .updateTable('reservation_states')
      .set({ state: 'sold' })
      .where('order_id', '=', orderId)
      .where('state', '!=', 'released')
      .returning('order_id'),
  ),
});

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
