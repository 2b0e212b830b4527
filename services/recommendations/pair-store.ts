import { type Kysely, sql } from 'kysely';
import { type InboxEntry, inboxMigration, withInbox } from 'moleculer-durable-events';
import { inBatches } from '../common/batches.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { insertAll, seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { type CountedPair, countPairs, type Pair } from './pairs.ts';
import { seedPairs } from './seed.ts';

export interface PairTables {
  pairs: { product_id: string; other_id: string; orders: number };
}

interface PairsOfOrder {
  readonly entry: InboxEntry;
  readonly pairs: readonly Pair[];
}

/** How often two products were in one order. Every replica works on the same counts. */
export class PairStore {
  readonly #db: Kysely<PairTables>;
  readonly #add: AddPairs;
  readonly #countOrder = inBatches<PairsOfOrder>((orders) => this.#count(orders));
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<PairTables>) {
    this.#db = db;
    this.#add = pairAdder(db);
    this.close = close;
  }

  get inbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  /** Once per inbox entry. */
  count(entry: InboxEntry, pairs: readonly Pair[]): Promise<void> {
    return this.#countOrder({ entry, pairs });
  }

  async #count(orders: readonly PairsOfOrder[]): Promise<void> {
    // In one order everywhere: two batches with the same entries could each hold one that the other waits for.
    const sorted = orders.toSorted(({ entry: a }, { entry: b }) => (a.id < b.id ? -1 : 1));
    await this.#db.transaction().execute(async (tx) => {
      const fresh: Pair[] = [];
      for (const { entry, pairs } of sorted)
        await withInbox(tx, entry, async () => void fresh.push(...pairs));
      await this.#add(tx, countPairs(fresh));
    });
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

type AddPairs = (tx: Kysely<PairTables>, counted: readonly CountedPair[]) => Promise<void>;

function pairAdder(db: Kysely<PairTables>): AddPairs {
  const insert: Prepared<PairTables, { readonly rows: readonly PairTables['pairs'][] }, unknown> = prepared(
    db,
    (db, { rows }) =>
      db
        .insertInto('pairs')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['product_id', 'other_id'])
            .doUpdateSet({ orders: sql`pairs.orders + excluded.orders` }),
        ),
  );
  return async (tx, counted) => {
    const rows = counted.map(({ productId, otherId, orders }) => ({
      ...{ product_id: productId, other_id: otherId, orders },
    }));
    await insertAll(rows, (batch) => ({ execute: () => insert(tx, { rows: batch }) }));
  };
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
    await seedOnce(database.db, 'demonstration', (tx) => pairAdder(tx)(tx, countPairs(seedPairs().flat())));
  return new PairStore(database);
}
