import type { Kysely } from 'kysely';
import { type Database, openDatabase } from '../common/database/database.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { seedShipments } from './seed.ts';
import type { Shipment } from './shipment.ts';
import { migrations, type ShippingTables } from './shipping-tables.ts';

/** One shipment for each order. Every replica of shipping works on the same ones. */
export class ShipmentStore {
  readonly #db: Kysely<ShippingTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<ShippingTables>) {
    this.#db = db;
    this.close = close;
  }

  /** Keeps the shipment unless the order has one. @returns the order's: this one, or the one that was there first. */
  async create({ orderId, customerId, trackingNumber, method, updatedAt }: Shipment): Promise<Shipment> {
    await this.#db
      .insertInto('shipments')
      .values({
        ...{ order_id: orderId, customer_id: customerId, status: 'created' },
        ...{ tracking_number: trackingNumber, method, updated_at: updatedAt },
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return this.#of(orderId);
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
    return rows.map(({ order_id, customer_id, status, tracking_number, method, updated_at }) => ({
      ...{ orderId: order_id, customerId: customer_id, status, trackingNumber: tracking_number, method },
      updatedAt: updated_at,
    }));
  }

  async #of(orderId: string): Promise<Shipment> {
    const [shipment] = await this.byOrders([orderId]);
    if (!shipment) throw new Error(`no shipment of order ${orderId}`);
    return shipment;
  }
}

export async function openShipmentStore(config: ShopConfig): Promise<ShipmentStore> {
  const database = await openDatabase<ShippingTables>(config.database, 'shipping', migrations);
  if (config.seed) await seedOnce(database.db, 'shipments', seedShipments);
  return new ShipmentStore(database);
}
