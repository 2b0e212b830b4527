import type { Kysely } from 'kysely';
import { prepared } from '../common/database/prepared.ts';
import type { Order } from './order.ts';
import type { OrderTables } from './order-tables.ts';

export type OrderRow = OrderTables['orders'];
type LineRow = OrderTables['order_lines'];
type RequestRow = OrderTables['order_requests'];

export type OrderQueries = ReturnType<typeof orderQueries>;

/** The statements of every order. */
export const orderQueries = (db: Kysely<OrderTables>) => ({
  /** Of two requests at the same time under one key the second waits here until the first has committed, and gets no row. */
  insertRequest: prepared(db, (db, row: RequestRow) =>
    db
      .insertInto('order_requests')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning('key'),
  ),
  request: prepared(db, (db, { customerId, key }: { customerId: string; key: string }) =>
    db
      .selectFrom('order_requests')
      .select(['order_id', 'fingerprint', 'refusal'])
      .where('customer_id', '=', customerId)
      .where('key', '=', key),
  ),
  insertOrder: prepared(db, (db, row: OrderRow) => db.insertInto('orders').values(row)),
  insertLines: prepared(db, (db, { lines }: { lines: readonly LineRow[] }) =>
    db.insertInto('order_lines').values(lines),
  ),
  lines: prepared(db, (db, { ids }: { ids: readonly string[] }) =>
    db.selectFrom('order_lines').selectAll().where('order_id', 'in', ids).orderBy('position'),
  ),
  /** No row where none is pending. */
  settle: prepared(db, (db, { id, status, code, message, settledAt }: Settled) =>
    db
      .updateTable('orders')
      .set({ status, reason_code: code, reason_message: message, settled_at: settledAt })
      .where('id', '=', id)
      .where('status', '=', 'PENDING')
      .returningAll(),
  ),
});

interface Settled {
  readonly id: string;
  readonly status: Order['status'];
  readonly code: string | null;
  readonly message: string | null;
  readonly settledAt: number;
}

export function toOrder(
  { id, customer_id, total, currency, created_at, status, settled_at, ...row }: OrderRow,
  lines: readonly LineRow[],
): Order {
  return {
    ...{ id, customerId: customer_id, createdAt: created_at, status, settledAt: settled_at },
    lines: lines.map((line) => ({
      productId: line.product_id,
      quantity: line.quantity,
      unitPrice: { amount: line.unit_price, currency },
    })),
    total: { amount: total, currency },
    reason: row.reason_code === null ? null : { code: row.reason_code, message: row.reason_message ?? '' },
  };
}

export function rowsOf(order: Order): { readonly row: OrderRow; readonly lines: readonly LineRow[] } {
  const { id, customerId, total, createdAt, status, reason, settledAt } = order;
  return {
    row: {
      ...{ id, customer_id: customerId, total: total.amount, currency: total.currency },
      ...{ created_at: createdAt, status, settled_at: settledAt },
      ...{ reason_code: reason?.code ?? null, reason_message: reason?.message ?? null },
    },
    lines: order.lines.map(({ productId, quantity, unitPrice }, position) => ({
      ...{ order_id: id, position, product_id: productId, quantity },
      unit_price: unitPrice.amount,
    })),
  };
}
