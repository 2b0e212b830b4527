import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type Database, openDatabase } from '../common/database/database.ts';
import { prepared } from '../common/database/prepared.ts';
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
  readonly #queries: ProviderQueries;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<ProviderTables>) {
    this.#db = db;
    this.#queries = providerQueries(db);
    this.close = close;
  }

  async request(key: string, operation: Operation, charge: Charge): Promise<ChargeState | undefined> {
    const { reference, amount, token } = charge;
    const asked = fingerprint([operation, reference, amount.amount, amount.currency]);
    const likely = afterOperation(usual[operation], operation, token);
    return this.#db.transaction().execute(async (trx) => {
      // A second request under this key waits here until the first has committed.
      const fresh = await this.#queries.insertRequest(trx, { key, asked, answer: likely ?? null });
      if (fresh.length === 0) return this.#answerOf(trx, key, asked);
      const state = await this.#move(trx, operation, charge);
      if (state !== likely) await this.#queries.answer(trx, { key, answer: state ?? null });
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

  async #answerOf(trx: Kysely<ProviderTables>, key: string, asked: string): Promise<ChargeState | undefined> {
    const request = await trx
      .selectFrom('requests')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    if (request.fingerprint !== asked) throw shopError('IDEMPOTENCY_CONFLICT');
    return (request.answer as ChargeState | null) ?? undefined;
  }

  /** By compare-and-set: of two operations at the same time the second sees what the first left. */
  async #move(
    trx: Kysely<ProviderTables>,
    operation: Operation,
    { reference, amount: { amount, currency }, token }: Charge,
  ): Promise<ChargeState | undefined> {
    const { charge, open, change, book } = this.#queries;
    for (let before = usual[operation]; ; before = (await charge(trx, { reference }))[0]?.state) {
      const after = afterOperation(before, operation, token);
      if (after === undefined || after === before) return after;
      const [moved] = before
        ? await change(trx, { reference, before, after })
        : await open(trx, { reference, amount, currency, state: after });
      if (!moved) continue;
      await book(trx, { reference, state: after, amount: moved.amount, at: Date.now() });
      return after;
    }
  }
}

/** What an operation mostly finds: tried first, it spares a look. */
const usual: Readonly<Record<Operation, ChargeState | undefined>> = {
  authorize: undefined,
  capture: 'authorized',
  void: 'authorized',
  refund: 'captured',
};

type ProviderQueries = ReturnType<typeof providerQueries>;

/** The statements of every request. */
const providerQueries = (db: Kysely<ProviderTables>) => ({
  insertRequest: prepared(
    db,
    (db, { key, asked, answer }: { key: string; asked: string; answer: string | null }) =>
      db
        .insertInto('requests')
        .values({ key, fingerprint: asked, answer })
        .onConflict((conflict) => conflict.doNothing())
        .returning('key'),
  ),
  answer: prepared(db, (db, { key, answer }: { key: string; answer: string | null }) =>
    db.updateTable('requests').set({ answer }).where('key', '=', key),
  ),
  charge: prepared(db, (db, { reference }: { reference: string }) =>
    db.selectFrom('charges').select(['state', 'amount']).where('reference', '=', reference),
  ),
  /** No row where there is a charge. */
  open: prepared(db, (db, charge: ProviderTables['charges']) =>
    db
      .insertInto('charges')
      .values(charge)
      .onConflict((conflict) => conflict.doNothing())
      .returning('amount'),
  ),
  /** No row where the charge is not in the state `before`. */
  change: prepared(
    db,
    (db, { reference, before, after }: { reference: string; before: ChargeState; after: ChargeState }) =>
      db
        .updateTable('charges')
        .set({ state: after })
        .where('reference', '=', reference)
        .where('state', '=', before)
        .returning('amount'),
  ),
  book: prepared(db, (db, entry: ProviderTables['ledger']) => db.insertInto('ledger').values(entry)),
});

export async function openFakeProvider(config: ShopConfig): Promise<PaymentProvider> {
  const database = await openDatabase<ProviderTables>(config.database, 'payment_provider', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedLedger);
  return new FakeProvider(database);
}
