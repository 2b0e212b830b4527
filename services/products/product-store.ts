import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { inBatches } from '../common/batches.ts';
import type { Page } from '../common/connection.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { pageRows } from '../common/database/page-rows.ts';
import { prepared } from '../common/database/prepared.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import { euros } from '../common/money.ts';
import type { ShopConfig } from '../config.ts';
import { type Product, type ProductFilter, searchWords } from './product.ts';
import { migrations, type ProductTables } from './product-tables.ts';
import { seedProducts } from './seed.ts';

/** All but the text that searches look through. */
const columns = [
  ...(['id', 'name', 'brand', 'category', 'description'] as const),
  ...(['price', 'weight', 'sold', 'created_at'] as const),
] as const;

interface Sale {
  readonly orderId: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

/** The catalogue, and what of it sells. Every replica of products works on the same one. */
export class ProductStore {
  readonly #db: Kysely<ProductTables>;
  readonly #queries: ReturnType<typeof productQueries>;
  readonly #countOne = inBatches<Sale>((sales) => this.#countSales(sales));
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<ProductTables>) {
    this.#db = db;
    this.#queries = productQueries(db);
    this.close = close;
  }

  /** Those that exist, in no order. */
  async byIds(ids: readonly string[]): Promise<Product[]> {
    if (ids.length === 0) return [];
    const rows = await this.#queries.byIds(this.#db, { ids });
    return rows.map(toProduct);
  }

  /** Oldest first; one row more than the page's size where the list goes on (see `toConnection`). */
  async page(page: Page, filter: ProductFilter): Promise<Product[]> {
    const query = filtered(this.#db.selectFrom('products').select(columns), filter);
    return (await pageRows(query, page, 'oldest')).map(toProduct);
  }

  async count(filter: ProductFilter): Promise<number> {
    const query = this.#db.selectFrom('products').select((fn) => fn.fn.countAll<number>().as('count'));
    return (await filtered(query, filter).executeTakeFirstOrThrow()).count;
  }

  /** Best-selling first; equals by id. */
  async top(count: number): Promise<Product[]> {
    const query = this.#db
      .selectFrom('products')
      .select(columns)
      .orderBy('sold', 'desc')
      .orderBy('id')
      .limit(count);
    return (await query.execute()).map(toProduct);
  }

  /** @returns the price that `amount` replaced, undefined when there is no such product. */
  async changePrice(id: string, amount: number): Promise<number | undefined> {
    for (;;) {
      const query = this.#db.selectFrom('products').select('price').where('id', '=', id);
      const found = await query.executeTakeFirst();
      if (!found) return undefined;
      // Of two changes at once the later must report the earlier's price as the one it replaced, so it reads again.
      const changed = await this.#db
        .updateTable('products')
        .set({ price: amount })
        .where('id', '=', id)
        .where('price', '=', found.price)
        .returning('id')
        .executeTakeFirst();
      if (changed) return found.price;
    }
  }

  /** Counts what an order sold; the same order again, or on another replica, counts nothing. */
  countSale(orderId: string, items: Sale['items']): Promise<void> {
    return this.#countOne({ orderId, items });
  }

  async #countSales(sales: readonly Sale[]): Promise<void> {
    const itemsOf = new Map(sales.map(({ orderId, items }) => [orderId, items]));
    // In one order everywhere, or two batches with the same orders or products could each hold a row that the other wants.
    const ids = [...itemsOf.keys()].sort();
    await this.#db.transaction().execute(async (tx) => {
      const first = await this.#queries.insertCounted(tx, { ids });
      const items = first.flatMap(({ order_id }) => itemsOf.get(order_id) ?? []);
      const ofProducts = Map.groupBy(items, ({ productId }) => productId);
      for (const [id, lines] of [...ofProducts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
        await this.#queries.addSold(tx, { id, pieces });
      }
    });
  }
}

/** The statements of every order. */
const productQueries = (db: Kysely<ProductTables>) => ({
  byIds: prepared(db, (db, { ids }: { ids: readonly string[] }) =>
    db.selectFrom('products').select(columns).where('id', 'in', ids),
  ),
  /** Those that were counted before have no row. */
  insertCounted: prepared(db, (db, { ids }: { ids: readonly string[] }) =>
    db
      .insertInto('counted_orders')
      .values(ids.map((order_id) => ({ order_id })))
      .onConflict((conflict) => conflict.doNothing())
      .returning('order_id'),
  ),
  addSold: prepared(db, (db, { id, pieces }: { id: string; pieces: number }) =>
    db
      .updateTable('products')
      .set((row) => ({ sold: row('sold', '+', pieces) }))
      .where('id', '=', id),
  ),
});

function filtered<Row>(
  query: SelectQueryBuilder<ProductTables, 'products', Row>,
  { search, category, brand, minPrice, maxPrice }: ProductFilter,
): SelectQueryBuilder<ProductTables, 'products', Row> {
  let narrowed = query;
  if (category != null) narrowed = narrowed.where('category', '=', category);
  if (brand != null) narrowed = narrowed.where('brand', '=', brand);
  if (minPrice != null) narrowed = narrowed.where('price', '>=', minPrice);
  if (maxPrice != null) narrowed = narrowed.where('price', '<=', maxPrice);
  for (const word of searchWords(search ?? ''))
    narrowed = narrowed.where(sql<boolean>`search_text like ${`%${escapeLike(word)}%`} escape '\\'`);
  return narrowed;
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function toProduct(row: Omit<ProductTables['products'], 'search_text'>): Product {
  const { id, name, brand, category, description, weight, sold } = row;
  const price = euros(row.price);
  return { id, name, brand, category, description, price, weight, sold, createdAt: row.created_at };
}

export async function openProductStore(config: ShopConfig): Promise<ProductStore> {
  const database = await openDatabase<ProductTables>(config.database, 'products', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedProducts);
  return new ProductStore(database);
}
