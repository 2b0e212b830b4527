/** Outbox, relay, JetStream, inbox and two replicas of a listener, while NATS is killed and a replica stops: the whole way of an event. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import { type Context, ServiceBroker, type ServiceSchema } from 'moleculer';
import { startNatsServer } from '../../../../scripts/infra/nats.ts';
import {
  type Channel,
  channelOf,
  createJetStreamChannel,
  createSqliteChannel,
  DurableEvents,
  defineEvent,
  type EventLocals,
  inboxMigration,
  originOf,
  outboxMigration,
  type Relay,
  startRelay,
  withInbox,
  withOutbox,
} from '../../src/index.ts';
import { migrate, openSqlite } from '../databases.ts';

interface Shop {
  orders: { id: string };
  points: { order_id: string; user_id: string };
}
type OrderPlaced = { readonly orderId: string };

const schema = { type: 'object', required: ['orderId'], properties: { orderId: { type: 'string' } } };
const orderPlaced = defineEvent<OrderPlaced>({
  type: 'order.placed',
  version: 1,
  schema,
  key: ({ orderId }) => orderId,
});

async function openShop(): Promise<Kysely<Shop>> {
  const db = openSqlite<Shop>(':memory:');
  await migrate(db, outboxMigration, inboxMigration);
  await db.schema
    .createTable('orders')
    .addColumn('id', 'text', (col) => col.primaryKey())
    .execute();
  await db.schema.createTable('points').addColumn('order_id', 'text').addColumn('user_id', 'text').execute();
  return db;
}

/** Has an outbox; its relay lives as long as the service. */
function orders(db: Kysely<Shop>): ServiceSchema {
  let relay: Relay;
  return {
    name: 'orders',
    actions: {
      async place(ctx: Context<OrderPlaced>) {
        await db.transaction().execute(async (trx) => {
          await trx.insertInto('orders').values({ id: ctx.params.orderId }).execute();
          await withOutbox(trx, orderPlaced.create(ctx.params, originOf(ctx)));
        });
        relay.wake();
      },
    },
    started() {
      relay = startRelay({ db, channel: channelOf(this.broker), backoff: { initial: 20, max: 200 } });
    },
    stopped: () => relay.stop(),
  };
}

function loyalty(db: Kysely<Shop>): ServiceSchema {
  return {
    name: 'loyalty',
    channels: {
      'order.placed': {
        versions: { 1: schema },
        async handler(ctx: Context<OrderPlaced, { user: { id: string } }, EventLocals>) {
          const { event, group } = ctx.locals;
          const points = { order_id: ctx.params.orderId, user_id: ctx.meta.user.id };
          await db
            .transaction()
            .execute((trx) =>
              withInbox(trx, { group, id: event.id }, () =>
                trx.insertInto('points').values(points).execute(),
              ),
            );
        },
      },
    },
  } as ServiceSchema;
}

async function startNode(
  open: () => Channel | Promise<Channel>,
  ...services: ServiceSchema[]
): Promise<ServiceBroker> {
  const broker = new ServiceBroker({ logger: false, middlewares: [DurableEvents({ open })] });
  for (const service of services) broker.createService(service);
  await broker.start();
  return broker;
}

const pointsOf = async (db: Kysely<Shop>) =>
  (await db.selectFrom('points').selectAll().execute()).map((row) => row.order_id);
const meta = { user: { id: 'u1', roles: [] } };

test('each order gives its points once, though NATS is killed and a replica stops meanwhile', async () => {
  await using nats = await startNatsServer({ jetStream: true });
  const db = await openShop();
  const open = () =>
    createJetStreamChannel({ connection: { servers: nats.url, reconnectTimeWait: 50 }, ackWait: 1_000 });
  const publisher = await startNode(open, orders(db));
  const replicas = [await startNode(open, loyalty(db)), await startNode(open, loyalty(db))];
  const ids = Array.from({ length: 150 }, (_, i) => `o${i}`);
  for (const [i, orderId] of ids.entries()) {
    await publisher.call('orders.place', { orderId }, { meta });
    if (i === 50) await nats.stop('SIGKILL');
    if (i === 80) await nats.start();
    if (i === 110) await replicas.pop()?.stop();
  }
  while ((await pointsOf(db)).length < ids.length) await delay(20);
  await Promise.all([publisher, ...replicas].map((broker) => broker.stop()));
  expect((await pointsOf(db)).sort()).toEqual(ids.sort());
  await db.destroy();
});

test('embedded, the same services do the same in one process', async () => {
  const db = await openShop();
  const broker = await startNode(() => createSqliteChannel({ path: ':memory:' }), orders(db), loyalty(db));
  for (const orderId of ['a', 'b', 'c']) await broker.call('orders.place', { orderId }, { meta });
  while ((await pointsOf(db)).length < 3) await delay(5);
  await broker.stop();
  expect((await pointsOf(db)).sort()).toEqual(['a', 'b', 'c']);
  await db.destroy();
});
