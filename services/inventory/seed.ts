import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { PRODUCTS, productId } from '../common/seed/cast.ts';
import { seedOrders } from '../common/seed/orders.ts';
import { random } from '../common/seed/random.ts';
import type { StockTables } from './stock-tables.ts';

/** Every fourteenth product is sold out; of the others there are up to 250, beside what the confirmed orders took. */
export async function seedStock(db: Kysely<StockTables>): Promise<void> {
  const rows = Array.from({ length: PRODUCTS }, (_, index) => {
    const id = productId(index + 1);
    return { product_id: id, available: index % 14 === 13 ? 0 : random('stock', id).integer(1, 250) };
  });
  await insertAll(rows, (batch) => db.insertInto('stock').values(batch));
  await seedSold(db);
}

/** Pieces that have left for the demonstration's orders. */
export async function seedSold(db: Kysely<StockTables>): Promise<void> {
  const orders = seedOrders().filter(({ cancelled }) => !cancelled);
  const lines = orders.flatMap(({ id, lines }) =>
    lines.map(({ productId, quantity }) => ({ order_id: id, product_id: productId, quantity })),
  );
  await insertAll(lines, (batch) => db.insertInto('reservations').values(batch));
  await insertAll(
    orders.map(({ id }) => ({ order_id: id, state: 'sold' as const })),
    (batch) => db.insertInto('reservation_states').values(batch),
  );
}
