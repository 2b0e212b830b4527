/** What becomes of a reservation when an order fails half-way. Inventory and products are stand-ins. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Errors, ServiceBroker } from 'moleculer';
import { sqliteDatabases, type TestDatabases } from '../../common/database/test-databases.ts';
import { euros } from '../../common/money.ts';
import { createTestEvents, type TestEvents } from '../../common/test-events.ts';
import { type OrdersService, ordersService } from '../orders.service.ts';

const meta = { user: { id: 'u1', roles: [] } };
const items = [{ productId: 'a', quantity: 2 }];

let databases: TestDatabases;
let events: TestEvents;
let broker: ServiceBroker;
let reserved: Set<string>;
let placed: unknown[];
let reserve: () => void;
let price: number;

beforeAll(async () => {
  databases = await sqliteDatabases();
  events = createTestEvents();
  broker = new ServiceBroker({ logger: false, cacher: 'Memory', middlewares: events.middlewares });
  broker.createService(ordersService(await databases.fresh()));
  broker.createService({
    name: 'products',
    actions: { byIds: { cache: true, handler: () => [{ id: 'a', price: euros(price) }] } },
  });
  broker.createService({
    name: 'inventory',
    actions: {
      reserve({ params }) {
        reserved.add(params.orderId);
        reserve();
      },
      release({ params }) {
        reserved.delete(params.orderId);
      },
    },
  });
  broker.createService({
    name: 'listener',
    events: { 'order.placed': ({ params }) => void placed.push(params) },
  });
  await broker.start();
});
beforeEach(() => {
  reserved = new Set();
  placed = [];
  reserve = () => {};
  price = 150;
});
afterAll(async () => {
  await broker.stop();
  await events[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

const place = () => broker.call<{ id: string }, object>('orders.place', { items }, { meta });

test('an order that is kept keeps its reservation and is told', async () => {
  const { id } = await place();
  expect([...reserved]).toEqual([id]);
  expect(placed).toMatchObject([{ orderId: id, customerId: 'u1', items, total: euros(300) }]);
});

test('the customer pays the price of now, whatever is cached', async () => {
  await broker.call('products.byIds', { ids: ['a'] });
  price = 160;
  await place();
  expect(placed).toMatchObject([{ total: euros(320) }]);
});

test('after a reservation that may or may not have happened, it is taken back and nothing is told', async () => {
  reserve = () => {
    throw new Errors.RequestTimeoutError({ action: 'inventory.reserve', nodeID: 'n1' });
  };
  await expect(place()).rejects.toMatchObject({ type: 'REQUEST_TIMEOUT' });
  expect([...reserved]).toEqual([]);
  expect(placed).toEqual([]);
});

test('an order that cannot be kept gives its reservation back', async () => {
  const { store } = broker.getLocalService('orders') as OrdersService;
  const { add } = store;
  store.add = () => Promise.reject(new Error('disk full'));
  try {
    await expect(place()).rejects.toThrow('disk full');
  } finally {
    store.add = add;
  }
  expect([...reserved]).toEqual([]);
  expect(placed).toEqual([]);
});
