import type { Kysely, Transaction } from 'kysely';
import { type CloudEvent, withOutbox } from 'moleculer-durable-events';
import type { Page } from '../common/connection.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { pageRows } from '../common/database/page-rows.ts';
import { insertAll, seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import type { Order, Reason } from './order.ts';
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
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<OrderTables>) {
    this.#db = db;
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
      if (request && !(await insertRequest(trx, request, { order_id: order.id, refusal: null })))
        return false;
      await insertOrders(trx, [order]);
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
    return insertRequest(this.#db, request, { order_id: '', refusal });
  }

  /** The request that a customer made under this key before; `refusal` is null where there is an order. */
  async requested(
    customerId: string,
    key: string,
  ): Promise<
    { readonly orderId: string; readonly fingerprint: string; readonly refusal: string | null } | undefined
  > {
    const row = await this.#db
      .selectFrom('order_requests')
      .select(['order_id', 'fingerprint', 'refusal'])
      .where('customer_id', '=', customerId)
      .where('key', '=', key)
      .executeTakeFirst();
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
      const row = await trx
        .updateTable('orders')
        .set({
          status: reason ? 'CANCELLED' : 'CONFIRMED',
          ...{ reason_code: reason?.code ?? null, reason_message: reason?.message ?? null },
          settled_at: now,
        })
        .where('id', '=', orderId)
        .where('status', '=', 'PENDING')
        .returningAll()
        .executeTakeFirst();
      if (!row) return undefined;
      const [order] = await withLines(trx, [row]);
      if (!order) return undefined;
      for (const event of events(order)) await withOutbox(trx, event);
      return order;
    });
  }

  /** Those that exist, in no order. */
  async byIds(ids: readonly string[]): Promise<Order[]> {
    if (ids.length === 0) return [];
    return withLines(
      this.#db,
      await this.#db.selectFrom('orders').selectAll().where('id', 'in', ids).execute(),
    );
  }

  /** A customer's, newest first; one row more than the page's size where the list goes on (see `toConnection`). */
  async page(customerId: string, page: Page): Promise<Order[]> {
    const query = this.#db.selectFrom('orders').selectAll().where('customer_id', '=', customerId);
    return withLines(this.#db, await pageRows(query, page, 'newest'));
  }

  async count(customerId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('orders')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('customer_id', '=', customerId)
      .executeTakeFirstOrThrow();
    return count;
  }
}

async function withLines(db: Kysely<OrderTables>, rows: readonly OrderTables['orders'][]): Promise<Order[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const lines = await db
    .selectFrom('order_lines')
    .selectAll()
    .where('order_id', 'in', ids)
    .orderBy('position')
    .execute();
  const linesOf = Map.groupBy(lines, (line) => line.order_id);
  return rows.map(({ id, customer_id, total, currency, created_at, status, settled_at, ...row }) => ({
    ...{ id, customerId: customer_id, createdAt: created_at, status, settledAt: settled_at },
    lines: (linesOf.get(id) ?? []).map((line) => ({
      productId: line.product_id,
      quantity: line.quantity,
      unitPrice: { amount: line.unit_price, currency },
    })),
    total: { amount: total, currency },
    reason: row.reason_code === null ? null : { code: row.reason_code, message: row.reason_message ?? '' },
  }));
}

async function insertRequest(
  trx: Kysely<OrderTables>,
  { customerId, key, fingerprint }: OrderRequest,
  outcome: Pick<OrderTables['order_requests'], 'order_id' | 'refusal'>,
): Promise<boolean> {
  // Of two requests at the same time under one key the second waits here until the first has committed.
  const fresh = await trx
    .insertInto('order_requests')
    .values({ customer_id: customerId, key, fingerprint, ...outcome })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  return fresh !== undefined;
}

/** Call it in a transaction: an order without its lines must never be seen. */
async function insertOrders(tx: Kysely<OrderTables>, orders: readonly Order[]): Promise<void> {
  const rows = orders.map(({ id, customerId, total, createdAt, status, reason, settledAt }) => ({
    ...{ id, customer_id: customerId, total: total.amount, currency: total.currency },
    ...{ created_at: createdAt, status, settled_at: settledAt },
    ...{ reason_code: reason?.code ?? null, reason_message: reason?.message ?? null },
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
