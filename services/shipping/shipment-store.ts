import type { Kysely } from 'kysely';
import { type Database, openDatabase } from '../common/database/database.ts';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { seedShipments } from './seed.ts';
import type { Shipment } from './shipment.ts';
import { migrations, type ShippingTables } from './shipping-tables.ts';

type ShipmentRow = ShippingTables['shipments'];

/** One shipment for each order. Every replica of shipping works on the same ones. */
export class ShipmentStore {
  readonly #db: Kysely<ShippingTables>;
  readonly #insert: Prepared<ShippingTables, ShipmentRow, ShipmentRow>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<ShippingTables>) {
    this.#db = db;
    this.#insert = prepared(db, (db, row) =>
      db
        .insertInto('shipments')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .returningAll(),
    );
    this.close = close;
  }

  /** Keeps the shipment unless the order has one. @returns the order's: this one, or the one that was there first. */
  async create({ orderId, customerId, trackingNumber, method, updatedAt }: Shipment): Promise<Shipment> {
    const [row] = await this.#insert(this.#db, {
      ...{ order_id: orderId, customer_id: customerId, status: 'created' },
      ...{ tracking_number: trackingNumber, method, updated_at: updatedAt },
    });
    return row ? toShipment(row) : this.#of(orderId);
  }

  /** Cancels the order's shipment, also one that is yet to arrive. Again changes nothing. */
  async cancel(orderId: string, customerId: string, now: number): Promise<Shipment> {
    await this.#db
      .insertInto('shipments')
      .values({
        ...{ order_id: orderId, customer_id: customerId, status: 'cancelled' },
        ...{ tracking_number: null, method: null, updated_at: now },
      })
      .onConflict((conflict) =>
        conflict
          .column('order_id')
          .doUpdateSet({ status: 'cancelled', updated_at: now })
          .where('shipments.status', '=', 'created'),
      )
      .execute();
    return this.#of(orderId);
  }

  /** Those that exist, in no order. */
  async byOrders(orderIds: readonly string[]): Promise<Shipment[]> {
    if (orderIds.length === 0) return [];
    const rows = await this.#db
      .selectFrom('shipments')
      .selectAll()
      .where('order_id', 'in', orderIds)
      .execute();
    return rows.map(toShipment);
  }

  async #of(orderId: string): Promise<Shipment> {
    const [shipment] = await this.byOrders([orderId]);
    if (!shipment) throw new Error(`no shipment of order ${orderId}`);
    return shipment;
  }
}

const toShipment = (row: ShipmentRow): Shipment => ({
  ...{ orderId: row.order_id, customerId: row.customer_id, status: row.status, method: row.method },
  ...{ trackingNumber: row.tracking_number, updatedAt: row.updated_at },
});

export async function openShipmentStore(config: ShopConfig): Promise<ShipmentStore> {
  const database = await openDatabase<ShippingTables>(config.database, 'shipping', migrations);
  if (config.seed) await seedOnce(database.db, 'shipments', seedShipments);
  return new ShipmentStore(database);
}
