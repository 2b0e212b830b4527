import { type Kysely, sql } from 'kysely';
import { type InboxEntry, inboxMigration, withInbox } from 'moleculer-durable-events';
import { type Database, openDatabase } from '../common/database/database.ts';
import { insertAll, seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import type { Pair } from './pairs.ts';
import { seedPairs } from './seed.ts';

export interface PairTables {
  pairs: { product_id: string; other_id: string; orders: number };
}

/** How often two products were in one order. Every replica works on the same counts. */
export class PairStore {
  readonly #db: Kysely<PairTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<PairTables>) {
    this.#db = db;
    this.close = close;
  }

  get inbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  /** Once per inbox entry. */
  async count(entry: InboxEntry, pairs: readonly Pair[]): Promise<void> {
    await this.#db.transaction().execute((tx) => withInbox(tx, entry, () => addPairs(tx, pairs)));
  }

  /** Each order of n products adds n × (n - 1): every pair in both directions. */
  async total(): Promise<number> {
    const { total } = await this.#db
      .selectFrom('pairs')
      .select(({ fn }) => fn.sum<number>('orders').as('total'))
      .executeTakeFirstOrThrow();
    return Number(total ?? 0);
  }

  /** Of each product the `first` it was bought with most often, equals by id. */
  async boughtWith(productIds: readonly string[], first: number): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>(productIds.map((id) => [id, []]));
    if (productIds.length === 0 || first === 0) return found;
    const ranked = this.#db
      .selectFrom('pairs')
      .select(({ fn }) => [
        'product_id',
        'other_id',
        fn
          .agg<number>('row_number')
          .over((over) => over.partitionBy('product_id').orderBy('orders', 'desc').orderBy('other_id'))
          .as('place'),
      ])
      .where('product_id', 'in', productIds);
    const rows = await this.#db
      .selectFrom(ranked.as('ranked'))
      .selectAll()
      .where('place', '<=', first)
      .orderBy('place')
      .execute();
    for (const { product_id, other_id } of rows) found.get(product_id)?.push(other_id);
    return found;
  }
}

/** @param pairs each at most once: a statement cannot count one row twice. */
export async function addPairs(tx: Kysely<PairTables>, pairs: readonly Pair[]): Promise<void> {
  const rows = pairs.map(({ productId, otherId }) => ({
    ...{ product_id: productId, other_id: otherId },
    orders: 1,
  }));
  await insertAll(rows, (batch) =>
    tx
      .insertInto('pairs')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['product_id', 'other_id']).doUpdateSet({ orders: sql`pairs.orders + 1` }),
      ),
  );
}

export async function openPairStore(config: ShopConfig): Promise<PairStore> {
  const database = await openDatabase<PairTables>(config.database, 'recommendations', {
    '0001_pairs': {
      async up(db) {
        await db.schema
          .createTable('pairs')
          .addColumn('product_id', 'text', (column) => column.notNull())
          .addColumn('other_id', 'text', (column) => column.notNull())
          .addColumn('orders', 'integer', (column) => column.notNull())
          .addPrimaryKeyConstraint('pairs_pkey', ['product_id', 'other_id'])
          .execute();
      },
    },
    '0002_inbox': inboxMigration,
  });
  if (config.seed)
    await seedOnce(database.db, 'demonstration', async (tx) => {
      for (const pairs of seedPairs()) await addPairs(tx, pairs);
    });
  return new PairStore(database);
}
