import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { MINUTE, PRODUCTS, SEED_TIME, seedProduct } from '../common/seed/cast.ts';
import { random } from '../common/seed/random.ts';
import type { ProductTables } from './product-tables.ts';

export async function seedProducts(db: Kysely<ProductTables>): Promise<void> {
  const rows = Array.from({ length: PRODUCTS }, (_, index) => {
    const { id, name, brand, category, description, price, weight } = seedProduct(index + 1);
    return {
      ...{ id, name, brand, category, description, price, weight },
      search_text: searchText({ name, brand, category }),
      // A few products sell much, most sell little.
      sold: Math.floor(random('sold', id).next() ** 6 * 900),
      created_at: SEED_TIME - (PRODUCTS - index) * 60 * MINUTE,
    };
  });
  await insertAll(rows, (batch) => db.insertInto('products').values(batch));
}

function searchText({ name, brand, category }: { name: string; brand: string; category: string }): string {
  return `${name} ${brand} ${category}`.toLowerCase();
}
