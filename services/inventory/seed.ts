import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { PRODUCTS, productId } from '../common/seed/cast.ts';
import { random } from '../common/seed/random.ts';
import type { StockTables } from './stock-tables.ts';

/** Every fourteenth product is sold out; of the others there are up to 250. */
export async function seedStock(db: Kysely<StockTables>): Promise<void> {
  const rows = Array.from({ length: PRODUCTS }, (_, index) => {
    const id = productId(index + 1);
    return { product_id: id, available: index % 14 === 13 ? 0 : random('stock', id).integer(1, 250) };
  });
  await insertAll(rows, (batch) => db.insertInto('stock').values(batch));
}
