import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type Database, openDatabase } from '../common/database/database.ts';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { insertAll, seedOnce } from '../common/database/seed-once.ts';
import type { Money } from '../common/money.ts';
import type { ShopConfig } from '../config.ts';
import { type ChargeState, earlierThan } from './charge.ts';
import { seedPayments } from './seed.ts';

/** What the shop knows of the payment of an order. */
export interface Payment {
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Money;
  readonly status: ChargeState;
  /** Epoch ms. */
  readonly updatedAt: number;
}

export interface PaymentTables {
  payments: {
    order_id: string;
    customer_id: string;
    amount: number;
    currency: string;
    status: ChargeState;
    updated_at: number;
  };
}

const migrations: Readonly<Record<string, Migration>> = {
  '0001_payments': {
    async up(db) {
      await db.schema
        .createTable('payments')
        .addColumn('order_id', 'text', (column) => column.primaryKey())
        .addColumn('customer_id', 'text', (column) => column.notNull())
        .addColumn('amount', 'integer', (column) => column.notNull())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
};

interface Noted {
  readonly row: PaymentTables['payments'];
  /** The states it may replace. */
  readonly earlier: readonly ChargeState[];
}

/** A copy of the provider's answers, for those who ask about an order. */
export class PaymentStore {
  readonly #db: Kysely<PaymentTables>;
  readonly #note: Prepared<PaymentTables, Noted, unknown>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<PaymentTables>) {
    this.#db = db;
    this.#note = prepared(db, (db, { row, earlier }) =>
      db
        .insertInto('payments')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .column('order_id')
            .doUpdateSet({ status: row.status, updated_at: row.updated_at })
            .where('payments.status', 'in', earlier),
        ),
    );
    this.close = close;
  }

  /** Notes an answer, unless a later one is known: a payment never goes back. */
  async note(payment: Payment): Promise<void> {
    // Also true of no status at all, where `in ()` would not be SQL.
    const earlier = [...earlierThan(payment.status), '' as ChargeState];
    await this.#note(this.#db, { row: toRow(payment), earlier });
  }

  /** Those that exist, in no order. */
  async byOrders(orderIds: readonly string[]): Promise<Payment[]> {
    if (orderIds.length === 0) return [];
    const rows = await this.#db
      .selectFrom('payments')
      .selectAll()
      .where('order_id', 'in', orderIds)
      .execute();
    return rows.map(({ order_id, customer_id, amount, currency, status, updated_at }) => ({
      ...{ orderId: order_id, customerId: customer_id, amount: { amount, currency }, status },
      updatedAt: updated_at,
    }));
  }
}

const toRow = ({ orderId, customerId, amount, status, updatedAt }: Payment): PaymentTables['payments'] => ({
  ...{ order_id: orderId, customer_id: customerId, amount: amount.amount, currency: amount.currency },
  ...{ status, updated_at: updatedAt },
});

export async function openPaymentStore(config: ShopConfig): Promise<PaymentStore> {
  const database = await openDatabase<PaymentTables>(config.database, 'payments', migrations);
  if (config.seed)
    await seedOnce(database.db, 'demonstration', (tx) =>
      insertAll(seedPayments().map(toRow), (batch) => tx.insertInto('payments').values(batch)),
    );
  return new PaymentStore(database);
}
