import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type Database, openDatabase } from '../common/database/database.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import { shopError } from '../common/errors.ts';
import { fingerprint } from '../common/fingerprint.ts';
import type { ShopConfig } from '../config.ts';
import { afterOperation, type Charge, type ChargeState, type Operation } from './charge.ts';
import type { PaymentProvider, Totals } from './provider.ts';
import { seedLedger } from './seed.ts';

export interface ProviderTables {
  charges: { reference: string; amount: number; currency: string; state: ChargeState };
  /** Each movement once. `refund` of what was never captured moves nothing and is not here. */
  ledger: { reference: string; state: ChargeState; amount: number; at: number };
  requests: { key: string; fingerprint: string; answer: string | null };
}

const migrations: Readonly<Record<string, Migration>> = {
  '0001_provider': {
    async up(db) {
      await db.schema
        .createTable('charges')
        .addColumn('reference', 'text', (column) => column.primaryKey())
        .addColumn('amount', 'integer', (column) => column.notNull())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('ledger')
        .addColumn('reference', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('amount', 'integer', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('each_movement_once', ['reference', 'state'])
        .execute();
      await db.schema
        .createTable('requests')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('fingerprint', 'text', (column) => column.notNull())
        .addColumn('answer', 'text')
        .execute();
    },
  },
};

/** Stands in for a provider of payments: a database of its own, that nothing of the shop reads. */
class FakeProvider implements PaymentProvider {
  readonly #db: Kysely<ProviderTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<ProviderTables>) {
    this.#db = db;
    this.close = close;
  }

  async request(key: string, operation: Operation, charge: Charge): Promise<ChargeState | undefined> {
    const asked = fingerprint([operation, charge.reference, charge.amount.amount, charge.amount.currency]);
    return this.#db.transaction().execute(async (trx) => {
      // A second request under this key waits here until the first has committed.
      const fresh = await trx
        .insertInto('requests')
        .values({ key, fingerprint: asked, answer: null })
        .onConflict((conflict) => conflict.doNothing())
        .returning('key')
        .executeTakeFirst();
      if (!fresh) return answerOf(trx, key, asked);
      const state = await move(trx, operation, charge);
      await trx
        .updateTable('requests')
        .set({ answer: state ?? null })
        .where('key', '=', key)
        .execute();
      return state;
    });
  }

  async totals(): Promise<Totals> {
    const rows = await this.#db
      .selectFrom('ledger')
      .select(['state', (row) => row.fn.sum<number>('amount').as('sum')])
      .groupBy('state')
      .execute();
    const sum = (state: ChargeState) => Number(rows.find((row) => row.state === state)?.sum ?? 0);
    return { captured: sum('captured'), refunded: sum('refunded') };
  }
}

async function answerOf(
  trx: Kysely<ProviderTables>,
  key: string,
  asked: string,
): Promise<ChargeState | undefined> {
  const request = await trx
    .selectFrom('requests')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (request.fingerprint !== asked) throw shopError('IDEMPOTENCY_CONFLICT');
  return (request.answer as ChargeState | null) ?? undefined;
}

/** By compare-and-set: of two operations at the same time the second sees what the first left. */
async function move(
  trx: Kysely<ProviderTables>,
  operation: Operation,
  { reference, amount: { amount, currency }, token }: Charge,
): Promise<ChargeState | undefined> {
  for (;;) {
    const before = await trx
      .selectFrom('charges')
      .select(['state', 'amount'])
      .where('reference', '=', reference)
      .executeTakeFirst();
    const after = afterOperation(before?.state, operation, token);
    if (after === undefined || after === before?.state) return after;
    const moved = before
      ? await trx
          .updateTable('charges')
          .set({ state: after })
          .where('reference', '=', reference)
          .where('state', '=', before.state)
          .returning('reference')
          .executeTakeFirst()
      : await trx
          .insertInto('charges')
          .values({ reference, amount, currency, state: after })
          .onConflict((conflict) => conflict.doNothing())
          .returning('reference')
          .executeTakeFirst();
    if (!moved) continue;
    await trx
      .insertInto('ledger')
      .values({ reference, state: after, amount: before?.amount ?? amount, at: Date.now() })
      .execute();
    return after;
  }
}

export async function openFakeProvider(config: ShopConfig): Promise<PaymentProvider> {
  const database = await openDatabase<ProviderTables>(config.database, 'payment_provider', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedLedger);
  return new FakeProvider(database);
}
