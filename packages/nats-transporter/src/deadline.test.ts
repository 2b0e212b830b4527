import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Context, Errors, ServiceBroker, type ServiceSchema } from 'moleculer';
import { deadline } from './deadline.ts';
import { safeRetry } from './safe-retry.ts';
import { timeLeft } from './time-allowed.ts';

let broker: ServiceBroker;
let seen: number[] = [];
let ran: string[] = [];

const note = (ctx: Context) => void seen.push(timeLeft(ctx));
const service = {
  name: 'work',
  actions: {
    once: note,
    nested: async (ctx: Context) => {
      note(ctx);
      await ctx.call('work.once');
    },
    failing: {
      idempotent: true,
      handler(ctx: Context) {
        note(ctx);
        throw new Errors.MoleculerRetryableError('busy');
      },
    },
    own: { timeout: 5_000, handler: note },
    queued: {
      bulkhead: { enabled: true, concurrency: 1 },
      async handler(ctx: Context<{ id: string; ms: number }>) {
        ran.push(ctx.params.id);
        await new Promise((done) => setTimeout(done, ctx.params.ms));
      },
    },
  },
} as unknown as ServiceSchema;

beforeEach(async () => {
  seen = [];
  ran = [];
  broker = new ServiceBroker({
    logger: false,
    skipProcessEventRegistration: true,
    middlewares: [deadline(), safeRetry({ delay: 5, retries: 4 })],
  });
  broker.createService(service);
  await broker.start();
});
afterEach(() => broker.stop());

const descending = (values: readonly number[]) =>
  values.every((value, index) => index === 0 || value < values[index - 1]!);

test('without any limit said a call has ten seconds, not for ever', async () => {
  await broker.call('work.once');
  expect(broker.options.requestTimeout).toBe(10_000);
  expect(seen[0]).toBeLessThanOrEqual(10_000);
});

test('a timeout of 0 on one call means no limit', async () => {
  await broker.call('work.once', {}, { timeout: 0 });
  expect(seen).toEqual([Number.POSITIVE_INFINITY]);
});

test("an action's own timeout holds where the caller says nothing", async () => {
  await broker.call('work.own');
  expect(seen[0]).toBeGreaterThan(0);
  expect(seen[0]).toBeLessThanOrEqual(5_000);
});

test('a nested call has what is left of its caller', async () => {
  await broker.call('work.nested', {}, { timeout: 9_000 });
  expect(seen).toHaveLength(2);
  expect(descending([9_000.001, ...seen])).toBe(true);
});

test('each attempt has what is left of the first', async () => {
  await expect(broker.call('work.failing', {}, { timeout: 9_000 })).rejects.toThrow('busy');
  expect(seen).toHaveLength(5);
  expect(descending(seen)).toBe(true);
});

test('a call whose time ran out in a queue is not executed', async () => {
  const first = broker.call('work.queued', { id: 'first', ms: 150 });
  const late = broker.call('work.queued', { id: 'late', ms: 0 }, { timeout: 30 });
  await expect(late).rejects.toMatchObject({ type: 'REQUEST_TIMEOUT' });
  await first;
  await broker.call('work.queued', { id: 'next', ms: 0 });
  expect(ran).toEqual(['first', 'next']);
});

test('an options object can be used for several calls', async () => {
  const options = { meta: { a: 1 } };
  await broker.call('work.own', {}, options);
  await broker.call('work.once', {}, options);
  expect(options).toEqual({ meta: { a: 1 } });
  expect(seen[1]).toBeGreaterThan(5_000);
});

test("a call that is not made for want of time brings nobody else's meta to its caller", async () => {
  await broker.call('work.once', {}, { meta: { user: { id: 'somebody else' } } });
  const parentCtx = {
    meta: {},
    options: { timeout: 1 },
    startHrTime: [0, 0],
    level: 1,
  } as unknown as Context;
  const call = broker.call('work.once', {}, { parentCtx });
  await expect(call).rejects.toMatchObject({ type: 'REQUEST_SKIPPED' });
  expect((call as { ctx?: Context }).ctx).toBeUndefined();
  expect(seen).toHaveLength(1);
});
