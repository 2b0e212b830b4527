import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import type { Shipment } from './shipment.ts';
import { openShipmentStore } from './shipment-store.ts';

const shipment = (trackingNumber: string): Shipment => ({
  ...{ orderId: 'o1', customerId: 'u1', status: 'created', trackingNumber, method: 'Post', updatedAt: 1 },
});

export function shipmentStoreContract(fresh: TestDatabases['fresh']): void {
  test('an order is shipped once: a second attempt gets the first one’s shipment', async () => {
    const store = await openShipmentStore(await fresh());
    expect(await store.create(shipment('first'))).toEqual(shipment('first'));
    expect(await store.create(shipment('second'))).toEqual(shipment('first'));
    expect(await store.byOrders(['o1', 'o2'])).toEqual([shipment('first')]);
    await store.close();
  });

  test('cancelled, it stays so, also when it was cancelled before it was made', async () => {
    const store = await openShipmentStore(await fresh());
    await store.create(shipment('first'));
    const cancelled = { ...shipment('first'), status: 'cancelled', updatedAt: 2 };
    expect(await store.cancel('o1', 'u1', 2)).toEqual(cancelled);
    expect(await store.cancel('o1', 'u1', 3)).toEqual(cancelled);
    expect(await store.create(shipment('second'))).toEqual(cancelled);
    await store.cancel('o2', 'u1', 2);
    expect(await store.create({ ...shipment('late'), orderId: 'o2' })).toMatchObject({
      status: 'cancelled',
      trackingNumber: null,
    });
    await store.close();
  });
}
