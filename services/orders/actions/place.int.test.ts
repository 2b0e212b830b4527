/** What an order is when it is placed, and what is there when placing fails. Inventory and products are stand-ins. */
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
let placed: unknown[];
let levels: () => unknown;
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
  broker.createService({ name: 'inventory', actions: { levels: () => levels() } });
  broker.createService({
    name: 'listener',
    events: { 'order.placed': ({ params }) => void placed.push(params) },
  });
  await broker.start();
});
beforeEach(() => {
  placed = [];
  levels = () => [{ id: 'a', available: 9 }];
  price = 150;
});
afterAll(async () => {
  await broker.stop();
  await events[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

const place = (more: object = {}) =>
  broker.call<{ id: string; status: string }, object>('orders.place', { items, ...more }, { meta });
const begun = () => broker.call<{ id: string }[]>('fulfilments.list');

test('an order is pending, told, and its fulfilment has begun', async () => {
  const { id, status } = await place();
  expect(status).toBe('PENDING');
  expect(placed).toMatchObject([{ orderId: id, customerId: 'u1', items, total: euros(300) }]);
  expect((await begun()).map((saga) => saga.id)).toContain(id);
});

test('the customer pays the price of now, whatever is cached', async () => {
  await broker.call('products.byIds', { ids: ['a'] });
  price = 160;
  await place();
  expect(placed).toMatchObject([{ total: euros(320) }]);
});

test('more than there is is refused at once; while nobody can tell, the order is taken', async () => {
  levels = () => [{ id: 'a', available: 1 }];
  await expect(place()).rejects.toMatchObject({ type: 'OUT_OF_STOCK' });
  expect(placed).toEqual([]);
  levels = () => {
    throw new Errors.RequestTimeoutError({ action: 'inventory.levels', nodeID: 'n1' });
  };
  await expect(place()).resolves.toMatchObject({ status: 'PENDING' });
});

/** `levels` that answers each of two attempts when it is told to, and says when it was asked. */
function heldLevels() {
  const attempts = [1, 2].map(() => ({
    asked: Promise.withResolvers<void>(),
    answer: Promise.withResolvers<object[]>(),
  }));
  let next = 0;
  levels = () => {
    const attempt = attempts[next++];
    attempt?.asked.resolve();
    return attempt?.answer.promise as unknown as object[];
  };
  return attempts as [(typeof attempts)[number], (typeof attempts)[number]];
}

test('what a client was refused is not taken by an attempt of its that it gave up before', async () => {
  const [first, second] = heldLevels();
  const abandoned = place({ idempotencyKey: 'k-refused' }).catch((error: unknown) => error);
  await first.asked.promise;
  const again = place({ idempotencyKey: 'k-refused' }).catch((error: unknown) => error);
  await second.asked.promise;
  second.answer.resolve([{ id: 'a', available: 0 }]);
  expect(await again).toMatchObject({ type: 'OUT_OF_STOCK' });
  first.answer.resolve([{ id: 'a', available: 9 }]);
  expect(await abandoned).toMatchObject({ type: 'OUT_OF_STOCK' });
  expect(placed).toEqual([]);
  await expect(place({ idempotencyKey: 'k-refused' })).rejects.toMatchObject({ type: 'OUT_OF_STOCK' });
});

test('a repetition is not refused for the stock that its own first attempt took meanwhile', async () => {
  const [first, second] = heldLevels();
  const abandoned = place({ idempotencyKey: 'k-taken' });
  await first.asked.promise;
  const again = place({ idempotencyKey: 'k-taken' });
  await second.asked.promise;
  first.answer.resolve([{ id: 'a', available: 9 }]);
  const { id } = await abandoned;
  second.answer.resolve([{ id: 'a', available: 0 }]);
  await expect(again).resolves.toMatchObject({ id });
  expect(placed).toHaveLength(1);
});

test('a fulfilment that cannot begin leaves no order, no event and no key behind', async () => {
  const { fulfilment } = broker.getLocalService('orders') as OrdersService;
  const { start } = fulfilment;
  const before = await begun();
  Object.assign(fulfilment, { start: () => Promise.reject(new Error('disk full')) });
  try {
    await expect(place({ idempotencyKey: 'k' })).rejects.toThrow('disk full');
  } finally {
    Object.assign(fulfilment, { start });
  }
  expect(placed).toEqual([]);
  expect(await begun()).toHaveLength(before.length);
  await expect(place({ idempotencyKey: 'k' })).resolves.toMatchObject({ status: 'PENDING' });
});
