/** Listeners on real JetStream: replicas share the events, and each takes effect once. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { type Channels, channelOf, toMessage } from 'moleculer-durable-events';
import { eventMiddlewares, openChannel } from '../broker/event-channel.ts';
import { startNatsServer } from '../scripts/infra/nats.ts';
import { sqliteDatabases } from './common/database/test-databases.ts';
import { loyaltyService } from './loyalty/loyalty.service.ts';
import { orderConfirmedEvent } from './orders/events.ts';

const ORDERS = 60;
const events = { kind: 'jetstream', replicas: 1, monitoringUrl: undefined } as const;

test('two replicas of a listener share the events, also those that are delivered again', async () => {
  await using nats = await startNatsServer({ jetStream: true });
  await using databases = await sqliteDatabases();
  const config = await databases.fresh();
  const handledBy = new Map<string, string[]>();
  const quiet = { info() {}, warn() {}, error() {} };

  const startReplica = async (nodeID: string) => {
    const broker = new ServiceBroker({
      nodeID,
      logger: false,
      skipProcessEventRegistration: true,
      middlewares: eventMiddlewares({ open: () => openChannel(events, { url: nats.url }, 'test', quiet) }),
    });
    const service = loyaltyService(config) as ServiceSchema & { channels: Channels };
    const { 'order.confirmed': confirmed } = service.channels;
    if (!confirmed) throw new Error('loyalty listens no more');
    const watched: typeof service = {
      ...service,
      channels: {
        'order.confirmed': {
          ...confirmed,
          async handler(ctx) {
            await confirmed.handler.call(this, ctx);
            const { id } = ctx.locals.event;
            const first = !handledBy.has(id);
            handledBy.set(id, [...(handledBy.get(id) ?? []), nodeID]);
            // It took effect, and the channel is told that it did not: the event comes again.
            if (first && id.endsWith('0')) throw new Error('the acknowledgement is lost');
          },
        },
      },
    };
    broker.createService(watched as ServiceSchema);
    await broker.start();
    return broker;
  };

  const replicas = await Promise.all(['a', 'b'].map(startReplica));
  try {
    const [a] = replicas;
    for (let n = 1; n <= ORDERS; n += 1) {
      const data = {
        ...{ orderId: `o${n}`, customerId: 'u1', placedAt: n, confirmedAt: n },
        items: [{ productId: 'p1', quantity: 1 }],
        total: { amount: 100, currency: 'EUR' },
      };
      const event = orderConfirmedEvent.create(data, { source: '/test' }, `e${n}`);
      await channelOf(a as ServiceBroker).publish(event.type, toMessage(event));
    }
    const missing = () =>
      Array.from({ length: ORDERS }, (_, n) => `e${n + 1}`).filter(
        (id) => (handledBy.get(id)?.length ?? 0) < (id.endsWith('0') ? 2 : 1),
      );
    while (missing().length > 0) await delay(10);
    expect(new Set([...handledBy.values()].flat())).toEqual(new Set(['a', 'b']));
    const meta = { user: { id: 'u1', roles: [] } };
    expect(await a?.call('loyalty.byUserIds', { ids: ['u1'] }, { meta })).toEqual([
      { userId: 'u1', points: ORDERS },
    ]);
  } finally {
    await Promise.all(replicas.map((replica) => replica.stop()));
  }
});
