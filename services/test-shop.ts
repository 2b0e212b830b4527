/** The whole shop in one process, as its clients see it: every service, some of them twice, seeded SQLite stores. For tests. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Context, Middleware, Service } from 'moleculer';
import type { SagaRecord } from 'moleculer-durable-events';
import { createTestMesh, type QueryOptions, type TestMesh } from 'moleculer-federation/testing';
import { accountsService } from './accounts/accounts.service.ts';
import { analyticsService } from './analytics/analytics.service.ts';
import { sqliteDatabases, type TestDatabases } from './common/database/test-databases.ts';
import { createTestEvents, type TestEvents } from './common/test-events.ts';
import { inventoryService } from './inventory/inventory.service.ts';
import { loyaltyService } from './loyalty/loyalty.service.ts';
import { notificationsService } from './notifications/notifications.service.ts';
import { type OrdersService, ordersService } from './orders/orders.service.ts';
import { paymentsService } from './payments/payments.service.ts';
import { productsService } from './products/products.service.ts';
import { recommendationsService } from './recommendations/recommendations.service.ts';
import { reviewsService } from './reviews/reviews.service.ts';
import { shippingService } from './shipping/shipping.service.ts';

export const admin = { id: 'u1', roles: ['admin'] };
export const alan = { id: 'u2' };
export const barbara = { id: 'u3' };

/** ms; no step of an order is overdue, however busy the machine. */
const LONG = 60_000;

export interface TestShop extends AsyncDisposable {
  readonly mesh: TestMesh;
  /** The data of an operation. @throws Error when it has errors. */
  data(query: string, options?: QueryOptions): Promise<Record<string, unknown>>;
  /** The error codes of an operation. */
  codes(query: string, options?: QueryOptions): Promise<unknown[]>;
  readonly events: TestEvents;
  /** Resolves when every durable event that was published is handled, or a dead letter. */
  handled(): Promise<void>;
  /** ms that one step may take of an order that is placed from now on; so long that none is overdue unless it is said. */
  stepTimeout(ms?: number): void;
  /** Has the step that an order is at run out of its time, whatever it was given. */
  overdue(id: string): Promise<void>;
  /** Resolves when the order is final. */
  settled(id: string): Promise<SettledOrder>;
  /** How often each action ran, those of the federation protocol left out. */
  readonly calls: Map<string, number>;
}

/** What an order has become. */
export interface SettledOrder {
  readonly id: string;
  readonly status: string;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly timeline: readonly { readonly what: string }[];
  readonly payment: { readonly status: string; readonly amount: { readonly amount: number } } | null;
  readonly shipment: { readonly trackingNumber: string; readonly status: string } | null;
}

const orderQuery = `query ($id: ID!) { order(id: $id) {
  id status reason { code message } timeline { what }
  payment { status amount { amount } } shipment { trackingNumber status }
} }`;

interface TestShopOptions {
  /** Where its stores are; SQLite files of its own by default. Whoever gives them closes them. */
  readonly databases?: TestDatabases;
}

export async function startTestShop(options: TestShopOptions = {}): Promise<TestShop> {
  const databases = options.databases ?? (await sqliteDatabases());
  const config = { ...(await databases.fresh({ seed: true })), orderStepTimeout: LONG };
  const calls = new Map<string, number>();
  const events = createTestEvents();
  const mesh = await createTestMesh({
    services: [
      accountsService(config),
      productsService(config),
      productsService(config),
      inventoryService(config),
      inventoryService(config),
      reviewsService(config),
      ordersService(config),
      paymentsService(config),
      shippingService(config),
      notificationsService(config),
      notificationsService(config),
      loyaltyService(config),
      recommendationsService(config),
      analyticsService(config),
      analyticsService(config),
    ],
    broker: { cacher: 'MemoryLRU', middlewares: [...events.middlewares, countInto(calls)] },
  });
  const settled = async (id: string): Promise<SettledOrder> => {
    for (;;) {
      const { data } = await mesh.query<{ order: SettledOrder }>(orderQuery, {
        variables: { id },
        as: admin,
      });
      if (data && data.order.status !== 'PENDING') return data.order;
      await delay(10);
    }
  };
  const orders = () => mesh.broker('orders').getLocalService('orders') as OrdersService;
  return {
    mesh,
    calls,
    settled,
    events,
    stepTimeout(ms = LONG) {
      orders().stepTimeout = ms;
    },
    overdue: (id) => endTimers(orders().store.outbox as Kysely<Sagas>, id),
    handled: () => events.handled(mesh.broker('gateway')),
    async data(query, options) {
      const { data, errors } = await mesh.query(query, options);
      if (errors) throw new Error(`unexpected errors: ${JSON.stringify(errors)}`);
      return data as Record<string, unknown>;
    },
    async codes(query, options) {
      const { errors = [] } = await mesh.query(query, options);
      return errors.map(({ extensions }) => extensions?.code);
    },
    async [Symbol.asyncDispose]() {
      await mesh[Symbol.asyncDispose]();
      await events[Symbol.asyncDispose]();
      if (!options.databases) await databases[Symbol.asyncDispose]();
    },
  };
}

interface Sagas {
  durable_saga: { id: string; record: string; version: number; due_at: number };
}

/** In the database, where the replica that holds the saga looks for what others did meanwhile. */
async function endTimers(db: Kysely<Sagas>, id: string): Promise<void> {
  for (;;) {
    const now = Date.now();
    const query = db.selectFrom('durable_saga').select(['record', 'version']).where('id', '=', id);
    const row = await query.executeTakeFirstOrThrow();
    const record = JSON.parse(row.record) as SagaRecord;
    const timers = record.timers.map((timer) => ({ ...timer, dueAt: now }));
    const version = row.version + 1;
    const { numUpdatedRows } = await db
      .updateTable('durable_saga')
      .set({ record: JSON.stringify({ ...record, timers, version }), version, due_at: now })
      .where('id', '=', id)
      .where('version', '=', row.version)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return;
  }
}

function countInto(calls: Map<string, number>): Middleware {
  return {
    localAction: (next, { name }) =>
      function (this: Service, ctx: Context) {
        if (name && !/\.(subgraph|sdl)\./.test(name)) calls.set(name, (calls.get(name) ?? 0) + 1);
        return next.call(this, ctx);
      },
  };
}
