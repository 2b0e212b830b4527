import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type Database, openDatabase } from '../common/database/database.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import type { Rate } from './quote.ts';
import { seedRates } from './seed.ts';

export interface RateTables {
  rates: {
    method: string;
    max_weight: number;
    price: number;
    days: number;
    free_from: number | null;
  };
}

/** The price list of shipping: a dozen rows, read whole. */
export class RateStore {
  readonly #db: Kysely<RateTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<RateTables>) {
    this.#db = db;
    this.close = close;
  }

  async all(): Promise<Rate[]> {
    const rows = await this.#db
      .selectFrom('rates')
      .selectAll()
      .orderBy('method')
      .orderBy('max_weight')
      .execute();
    return rows.map(({ method, max_weight, price, days, free_from }) => ({
      ...{ method, maxWeight: max_weight, price, days, freeFrom: free_from },
    }));
  }
}

const migrations: Readonly<Record<string, Migration>> = {
  '0001_rates': {
    async up(db) {
      await db.schema
        .createTable('rates')
        .addColumn('method', 'text', (column) => column.notNull())
        .addColumn('max_weight', 'integer', (column) => column.notNull())
        .addColumn('price', 'integer', (column) => column.notNull())
        .addColumn('days', 'integer', (column) => column.notNull())
        .addColumn('free_from', 'integer')
        .addPrimaryKeyConstraint('one_price_per_class', ['method', 'max_weight'])
        .execute();
    },
  },
};

export async function openRateStore(config: ShopConfig): Promise<RateStore> {
  const database = await openDatabase<RateTables>(config.database, 'shipping', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedRates);
  return new RateStore(database);
}
