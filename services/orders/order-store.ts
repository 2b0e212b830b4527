import type { Kysely, Transaction } from 'kysely';
import { type CloudEvent, withOutbox } from 'moleculer-durable-events';
import type { Page } from '../common/connection.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { pageRows } from '../common/database/page-rows.ts';
import { insertAll, seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import type { Order, Reason } from './order.ts';
import { type OrderQueries, type OrderRow, orderQueries, rowsOf, toOrder } from './order-queries.ts';
import { migrations, type OrderTables } from './order-tables.ts';
import { seedOrders } from './seed.ts';

/** Who asked for an order, under which key, and what for. */
export interface OrderRequest {
  readonly customerId: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** Runs in the transaction that writes the order: what it does is there exactly when the order is. */
export type Within = (trx: Transaction<OrderTables>) => Promise<void>;

/** Orders. What was ordered never changes; the status does once. Every replica of orders works on the same ones. */
export class OrderStore {
  readonly #db: Kysely<OrderTables>;
  readonly #queries: OrderQueries;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<OrderTables>) {
    this.#db = db;
    this.#queries = orderQueries(db);
    this.close = close;
  }

  /** Also where the sagas live. */
  get outbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  /**
   * Adds the order with all its lines and its event in the outbox, or nothing. Rejects when its id is taken.
   *
   * @returns false, and adds nothing, when there is a request with the same customer and key: see `requested`.
   */
  async add(order: Order, event: CloudEvent, request?: OrderRequest, within?: Within): Promise<boolean> {
    return this.#db.transaction().execute(async (trx) => {
      if (request && !(await this.#insertRequest(trx, request, order.id, null))) return false;
      const { row, lines } = rowsOf(order);
      await this.#queries.insertOrder(trx, row);
      await this.#queries.insertLines(trx, { lines });
      await withOutbox(trx, event);
      await within?.(trx);
      return true;
    });
  }

  /**
   * Keeps a refusal under its key: an attempt at the same request that is still on its way can not be taken after it.
   *
   * @returns false, and keeps nothing, when there is a request with the same customer and key: see `requested`.
   */
  async refuse(request: OrderRequest, refusal: string): Promise<boolean> {
    return this.#insertRequest(this.#db, request, '', refusal);
  }

  /** The request that a customer made under this key before; `refusal` is null where there is an order. */
  async requested(
    customerId: string,
    key: string,
  ): Promise<
    { readonly orderId: string; readonly fingerprint: string; readonly refusal: string | null } | undefined
  > {
    const [row] = await this.#queries.request(this.#db, { customerId, key });
    return row && { orderId: row.order_id, fingerprint: row.fingerprint, refusal: row.refusal };
  }

  /**
   * Gives a pending order its end, with `events` of the order as it is then.
   *
   * @returns the order; undefined, and nothing written, when there is none that is pending.
   */
  async settle(
    orderId: string,
    reason: Reason | null,
    now: number,
    events: (order: Order) => readonly CloudEvent[],
  ): Promise<Order | undefined> {
    return this.#db.transaction().execute(async (trx) => {
      const [row] = await this.#queries.settle(trx, {
        ...{ id: orderId, status: reason ? 'CANCELLED' : 'CONFIRMED', settledAt: now },
        ...{ code: reason?.code ?? null, message: reason?.message ?? null },
      });
      if (!row) return undefined;
      const [order] = await this.#withLines(trx, [row]);
      if (!order) return undefined;
      for (const event of events(order)) await withOutbox(trx, event);
      return order;
    });
  }

  /** Those that exist, in no order. */
  async byIds(ids: readonly string[]): Promise<Order[]> {
    if (ids.length === 0) return [];
    return this.#withLines(
      this.#db,
      await this.#db.selectFrom('orders').selectAll().where('id', 'in', ids).execute(),
    );
  }

  /** A customer's, newest first; one row more than the page's size where the list goes on (see `toConnection`). */
  async page(customerId: string, page: Page): Promise<Order[]> {
    const query = this.#db.selectFrom('orders').selectAll().where('customer_id', '=', customerId);
    return this.#withLines(this.#db, await pageRows(query, page, 'newest'));
  }

  async count(customerId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('orders')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('customer_id', '=', customerId)
      .executeTakeFirstOrThrow();
    return count;
  }

  async #insertRequest(
    db: Kysely<OrderTables>,
    { customerId, key, fingerprint }: OrderRequest,
    orderId: string,
    refusal: string | null,
  ): Promise<boolean> {
    const row = { customer_id: customerId, key, fingerprint, order_id: orderId, refusal };
    return (await this.#queries.insertRequest(db, row)).length > 0;
  }

  async #withLines(db: Kysely<OrderTables>, rows: readonly OrderRow[]): Promise<Order[]> {
    if (rows.length === 0) return [];
    const lines = await this.#queries.lines(db, { ids: rows.map(({ id }) => id) });
    const linesOf = Map.groupBy(lines, (line) => line.order_id);
    return rows.map((row) => toOrder(row, linesOf.get(row.id) ?? []));
  }
}

/** Call it in a transaction: an order without its lines must never be seen. */
async function insertOrders(tx: Kysely<OrderTables>, orders: readonly Order[]): Promise<void> {
  const rows = orders.map(rowsOf);
  await insertAll(
    rows.map(({ row }) => row),
    (batch) => tx.insertInto('orders').values(batch),
  );
  await insertAll(
    rows.flatMap(({ lines }) => lines),
    (batch) => tx.insertInto('order_lines').values(batch),
  );
}

export async function openOrderStore(config: ShopConfig): Promise<OrderStore> {
  const database = await openDatabase<OrderTables>(config.database, 'orders', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', (tx) => insertOrders(tx, seedOrders()));
  return new OrderStore(database);
}
