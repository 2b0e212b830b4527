import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { seedOrders } from '../common/seed/orders.ts';
import type { ShippingTables } from './shipping-tables.ts';

/** The parcels of the demonstration's confirmed orders. */
export async function seedShipments(db: Kysely<ShippingTables>): Promise<void> {
  const rows = seedOrders().flatMap(({ id, customerId, settledAt, trackingNumber }) =>
    trackingNumber === null
      ? []
      : [
          {
            ...{ order_id: id, customer_id: customerId, status: 'created' as const },
            ...{ tracking_number: trackingNumber, method: 'Standard', updated_at: settledAt },
          },
        ],
  );
  await insertAll(rows, (batch) => db.insertInto('shipments').values(batch));
}

const KILOGRAM = 1_000;

export async function seedRates(db: Kysely<ShippingTables>): Promise<void> {
  const rows = [
    ...classes('Standard', 3, 10_000, [
      [2, 490],
      [10, 790],
      [31.5, 1_490],
    ]),
    ...classes('Express', 1, null, [
      [2, 1_290],
      [10, 1_990],
      [31.5, 2_990],
    ]),
    ...classes('Freight', 5, 50_000, [
      [100, 4_900],
      [500, 12_900],
    ]),
  ];
  await db.insertInto('rates').values(rows).execute();
}

function classes(
  method: string,
  days: number,
  freeFrom: number | null,
  prices: readonly (readonly [kilograms: number, price: number])[],
): ShippingTables['rates'][] {
  return prices.map(([kilograms, price]) => ({
    ...{ method, max_weight: kilograms * KILOGRAM, price, days, free_from: freeFrom },
  }));
}
