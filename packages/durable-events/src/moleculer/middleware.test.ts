import { describe, expect, test } from '@jest/globals';
import { type Context, ServiceBroker, type ServiceSchema } from 'moleculer';
import type { Channel } from '../channel.ts';
import type { CloudEvent } from '../event/cloud-event.ts';
import { defineEvent } from '../event/event-type.ts';
import { createMemoryChannel } from '../local/local-channel.ts';
import { createGate, createRecorder } from '../testing/recorder.ts';
import { channelService } from './channel-service.ts';
import type { EventLocals } from './context.ts';
import { deadLetterService, type ReadableDeadLetter } from './dead-letter-service.ts';
import { type Channels, DurableEvents, publish } from './middleware.ts';

interface Placed {
  readonly orderId: string;
}
const schema = { type: 'object', required: ['orderId'], properties: { orderId: { type: 'string' } } };
const orderPlaced = defineEvent<Placed>({
  type: 'order.placed',
  version: 1,
  schema,
  key: ({ orderId }) => orderId,
});
const orderPaid = defineEvent<Placed>({
  type: 'order.paid',
  version: 1,
  schema,
  key: ({ orderId }) => orderId,
});

const orders: ServiceSchema = {
  name: 'orders',
  actions: {
    place: (ctx: Context<Placed>) => publish(ctx, orderPlaced, ctx.params),
    pay: (ctx: Context<Placed>) => publish(ctx, orderPaid, ctx.params),
  },
};

interface Mesh extends AsyncDisposable {
  readonly broker: ServiceBroker;
  readonly channel: Channel;
}

async function startBroker(...services: ServiceSchema[]): Promise<Mesh> {
  const channel = createMemoryChannel();
  const broker = new ServiceBroker({ logger: false, middlewares: [DurableEvents({ open: () => channel })] });
  for (const service of [orders, deadLetterService, ...services]) broker.createService(service);
  await broker.start();
  return { broker, channel, [Symbol.asyncDispose]: () => broker.stop() };
}

/** A service whose `channels` end in the recorder of the test; `ctx` is kept. */
function listener(
  name: string,
  handle: (ctx: Context<Placed, object, EventLocals>) => unknown,
): ServiceSchema {
  const channels: Channels = {
    'order.placed': {
      versions: { 1: schema },
      maxAttempts: 2,
      backoff: { initial: 1, max: 1 },
      async handler(ctx) {
        await handle(ctx as Context<Placed, object, EventLocals>);
      },
    },
  };
  return { name, channels } as ServiceSchema;
}

const user = { id: 'u1', roles: ['customer'] };
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a service with channels', () => {
  test('handles an event as if its publisher had called: params, caller, trace, cause', async () => {
    const seen = Promise.withResolvers<Context<Placed, object, EventLocals>>();
    await using mesh = await startBroker(listener('mails', seen.resolve));
    const event = await mesh.broker.call<CloudEvent, Placed>(
      'orders.place',
      { orderId: '7' },
      { meta: { user, traceparent } },
    );
    const ctx = await seen.promise;
    expect(ctx.params).toEqual({ orderId: '7' });
    expect(ctx.meta).toEqual({ user, traceparent, correlationId: event.id, causationId: event.id });
    expect(ctx.requestID).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(ctx.locals).toMatchObject({
      attempt: 1,
      group: 'mails',
      event: { id: event.id, source: '/orders', key: '7' },
    });
    expect(ctx.service?.name).toBe('mails');
  });

  test('hands caller, trace and cause on to the events that its handling leads to, through calls', async () => {
    await using mesh = await startBroker(listener('payments', (ctx) => ctx.call('orders.pay', ctx.params)));
    const paid = createRecorder();
    await mesh.channel.subscribe('order.paid', 'test', paid.handler);
    const placed = await mesh.broker.call<CloudEvent, Placed>(
      'orders.place',
      { orderId: '7' },
      { meta: { user, traceparent } },
    );
    await paid.until(1);
    expect(paid.deliveries[0]?.message.headers).toMatchObject({
      'ce-causationid': placed.id,
      'ce-correlationid': placed.id,
      'ce-authid': 'u1',
      traceparent,
    });
  });

  test('that is started later gets what was published before', async () => {
    await using mesh = await startBroker();
    await mesh.broker.call('orders.place', { orderId: '7' });
    const seen = Promise.withResolvers<Context<Placed>>();
    mesh.broker.createService(listener('loyalty', seen.resolve));
    await expect(seen.promise).resolves.toMatchObject({ params: { orderId: '7' } });
  });

  test('is not stopped before its running handlers are done', async () => {
    const gate = createGate();
    const began = createGate();
    const log: string[] = [];
    const service = listener('mails', async () => {
      began.open();
      await gate.opened;
      log.push('handled');
    });
    const mesh = await startBroker({ ...service, stopped: () => void log.push('stopped') });
    await mesh.broker.call('orders.place', { orderId: '7' });
    await began.opened;
    const stopped = mesh.broker.stop();
    gate.open();
    await stopped;
    expect(log).toEqual(['handled', 'stopped']);
    await expect(mesh.channel.deadLetters.list()).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
  });

  test('publishes nothing that does not fit the schema', async () => {
    await using mesh = await startBroker();
    await expect(mesh.broker.call('orders.place', { orderId: 7 })).rejects.toMatchObject({
      code: 'INVALID_EVENT',
    });
  });
});

describe('dead letters', () => {
  const letters = async (broker: ServiceBroker, count: number): Promise<ReadableDeadLetter[]> => {
    for (;;) {
      const found = await broker.call<ReadableDeadLetter[], object>('deadLetters.list', {});
      if (found.length >= count) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  test('collect what cannot be understood, each with its reason, while the group goes on', async () => {
    const seen = Promise.withResolvers<Context<Placed>>();
    await using mesh = await startBroker(listener('mails', seen.resolve));
    const key = '7';
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'x', 'ce-source': '/x', 'ce-type': 'order.placed' };
    const data = new TextEncoder().encode('{"orderId":7}');
    const put = (id: string, more: Record<string, string>, body = data) =>
      mesh.channel.publish('order.placed', { id, key, headers: { ...headers, ...more }, data: body });
    await mesh.channel.publish('order.placed', { id: 'a', key, headers: {}, data });
    await put('b', { 'ce-dataschema': 'urn:event:order.placed:9' });
    await put('c', { 'ce-dataschema': 'urn:event:order.placed:1' });
    await put('d', { 'ce-dataschema': 'urn:event:order.placed:1' }, new TextEncoder().encode('{"orderId'));
    await mesh.broker.call('orders.place', { orderId: '7' });
    await seen.promise;
    const found = await letters(mesh.broker, 4);
    expect(
      found.map(({ messageId, attempts, reason, data }) => [messageId, attempts, reason.code, data]),
    ).toEqual([
      ['a', 1, 'MALFORMED_EVENT', { orderId: 7 }],
      ['b', 1, 'UNKNOWN_EVENT_VERSION', { orderId: 7 }],
      ['c', 1, 'INVALID_EVENT', { orderId: 7 }],
      ['d', 1, 'MALFORMED_EVENT', '{"orderId'],
    ]);
  });

  test('are listed, read, replayed and discarded by actions', async () => {
    let broken = true;
    const handled: string[] = [];
    await using mesh = await startBroker(
      listener('mails', ({ params }) => {
        if (broken) throw new Error('mailbox full');
        handled.push(params.orderId);
      }),
    );
    const { broker } = mesh;
    await broker.call('orders.place', { orderId: '7' });
    await broker.call('orders.place', { orderId: '8' });
    const [first, second] = await letters(broker, 2);
    await expect(broker.call('deadLetters.read', { id: first?.id })).resolves.toMatchObject({
      event: 'order.placed',
      group: 'mails',
      attempts: 2,
      reason: { code: 'HANDLER_FAILED', message: 'mailbox full' },
    });
    broken = false;
    await broker.call('deadLetters.discard', { id: second?.id });
    await broker.call('deadLetters.replay', { id: first?.id });
    while (handled.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(handled).toEqual([first?.key]);
    await expect(broker.call('deadLetters.list', { group: 'mails' })).resolves.toEqual([]);
    await expect(broker.call('deadLetters.read', { id: first?.id })).rejects.toMatchObject({
      code: 'DEAD_LETTER_NOT_FOUND',
    });
  });
});

test('groups are listed with what waits for them, and forgotten, by actions', async () => {
  await using mesh = await startBroker(
    channelService,
    listener('mails', () => undefined),
  );
  const { broker, channel } = mesh;
  await (await channel.subscribe('order.placed', 'former', async () => {})).stop();
  await broker.call('orders.place', { orderId: '7' });
  await expect(broker.call('channels.groups', { group: 'former' })).resolves.toMatchObject([
    { event: 'order.placed', group: 'former', waiting: 1, deadLetters: 0 },
  ]);
  await broker.call('channels.forget', { event: 'order.placed', group: 'former' });
  await expect(broker.call('channels.groups', {})).resolves.toMatchObject([{ group: 'mails' }]);
});
