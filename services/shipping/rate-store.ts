import type { Kysely } from 'kysely';
import { type Database, openDatabase } from '../common/database/database.ts';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import type { Rate } from './quote.ts';
import { seedRates } from './seed.ts';
import { migrations, type ShippingTables } from './shipping-tables.ts';

/** The price list of shipping: a dozen rows, read whole. */
export class RateStore {
  readonly #db: Kysely<ShippingTables>;
  readonly #all: Prepared<ShippingTables, object, ShippingTables['rates']>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<ShippingTables>) {
    this.#db = db;
    this.#all = prepared(db, (db) =>
      db.selectFrom('rates').selectAll().orderBy('method').orderBy('max_weight'),
    );
    this.close = close;
  }

  async all(): Promise<Rate[]> {
    const rows = await this.#all(this.#db, {});
    return rows.map(({ method, max_weight, price, days, free_from }) => ({
      ...{ method, maxWeight: max_weight, price, days, freeFrom: free_from },
    }));
  }
}

export async function openRateStore(config: ShopConfig): Promise<RateStore> {
  const database = await openDatabase<ShippingTables>(config.database, 'shipping', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedRates);
  return new RateStore(database);
}
