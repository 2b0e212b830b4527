import type { Kysely } from 'kysely';
import { type CloudEvent, withOutbox } from 'moleculer-durable-events';
import type { Page } from '../common/connection.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { pageRows } from '../common/database/page-rows.ts';
import { insertAll, seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import type { Order } from './order.ts';
import { migrations, type OrderTables } from './order-tables.ts';
import { seedOrders } from './seed.ts';

/** Placed orders, never changed afterwards. Every replica of orders works on the same ones. */
export class OrderStore {
  readonly #db: Kysely<OrderTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<OrderTables>) {
    this.#db = db;
    this.close = close;
  }

  get outbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  /** Adds the order with all its lines and its event in the outbox, or nothing. Rejects when its id is taken. */
  async add(order: Order, event: CloudEvent): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      await insertOrders(tx, [order]);
      await withOutbox(tx, event);
    });
  }

  /** Those that exist, in no order. */
  async byIds(ids: readonly string[]): Promise<Order[]> {
    if (ids.length === 0) return [];
    return this.#withLines(await this.#db.selectFrom('orders').selectAll().where('id', 'in', ids).execute());
  }

  /** A customer's, newest first; one row more than the page's size where the list goes on (see `toConnection`). */
  async page(customerId: string, page: Page): Promise<Order[]> {
    const query = this.#db.selectFrom('orders').selectAll().where('customer_id', '=', customerId);
    return this.#withLines(await pageRows(query, page, 'newest'));
  }

  async count(customerId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('orders')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('customer_id', '=', customerId)
      .executeTakeFirstOrThrow();
    return count;
  }

  async #withLines(rows: readonly OrderTables['orders'][]): Promise<Order[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const lines = await this.#db
      .selectFrom('order_lines')
      .selectAll()
      .where('order_id', 'in', ids)
      .orderBy('position')
      .execute();
    const linesOf = Map.groupBy(lines, (line) => line.order_id);
    return rows.map(({ id, customer_id, total, currency, created_at }) => ({
      id,
      customerId: customer_id,
      lines: (linesOf.get(id) ?? []).map((line) => ({
        productId: line.product_id,
        quantity: line.quantity,
        unitPrice: { amount: line.unit_price, currency },
      })),
      total: { amount: total, currency },
      createdAt: created_at,
    }));
  }
}

/** Call it in a transaction: an order without its lines must never be seen. */
async function insertOrders(tx: Kysely<OrderTables>, orders: readonly Order[]): Promise<void> {
  const rows = orders.map(({ id, customerId, total, createdAt }) => ({
    ...{ id, customer_id: customerId, total: total.amount, currency: total.currency },
    created_at: createdAt,
  }));
  const lines = orders.flatMap((order) =>
    order.lines.map(({ productId, quantity, unitPrice }, position) => ({
      ...{ order_id: order.id, position, product_id: productId, quantity },
      unit_price: unitPrice.amount,
    })),
  );
  await insertAll(rows, (batch) => tx.insertInto('orders').values(batch));
  await insertAll(lines, (batch) => tx.insertInto('order_lines').values(batch));
}

export async function openOrderStore(config: ShopConfig): Promise<OrderStore> {
  const database = await openDatabase<OrderTables>(config.database, 'orders', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', (tx) => insertOrders(tx, seedOrders()));
  return new OrderStore(database);
}
