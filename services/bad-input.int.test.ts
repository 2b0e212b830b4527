/** What bad input gets: a code, and nothing half-done. Through the API, and through the channel that the events come by. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Message, toMessage } from 'moleculer-durable-events';
import type { QueryOptions } from 'moleculer-federation/testing';
import { userRegistered } from './accounts/events.ts';
import { defineService } from './common/service.ts';
import { orderConfirmedEvent } from './orders/events.ts';
import { admin, alan, barbara, startTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

/** Whatever an order leaves anywhere. */
async function traces(): Promise<unknown> {
  const counts = await shop.data(
    `{ stockTotals { available reserved sold } paymentTotals { captured { amount } refunded { amount } } pairTotals { pairs }
      analytics(hours: 0, products: 0) { orders { placed confirmed cancelled } } mailbox { totalCount } user(id: "u2") { orders { totalCount } } }`,
    { as: admin },
  );
  const sagas = await shop.mesh.call<unknown[]>('fulfilments.list', { limit: 1_000 });
  return { counts, sagas: sagas.length, told: shop.mesh.emitted('order.placed').length };
}

const placing = `mutation ($items: [OrderItemInput!]!, $key: ID, $token: ID! = "tok_visa") {
  placeOrder(items: $items, idempotencyKey: $key, paymentToken: $token) { id }
}`;
const place = (items: readonly object[], more: object = {}, as: QueryOptions['as'] = alan) => ({
  variables: { items, ...more },
  ...(as && { as }),
});
const item = (productId: string, quantity: unknown = 1) => ({ productId, quantity });
const many = (count: number) => Array.from({ length: count }, (_, n) => item(`p${n + 1}`));

test.each<[string, QueryOptions, string]>([
  ['an unknown product', place([item('p3'), item('none')]), 'PRODUCT_NOT_FOUND'],
  ['a product that is sold out', place([item('p3'), item('p14')]), 'OUT_OF_STOCK'],
  ['a product twice', place([item('p3'), item('p3')]), 'PRODUCT_TWICE'],
  ['no pieces', place([item('p3', 0)]), 'BAD_USER_INPUT'],
  ['fewer than no pieces', place([item('p3', -1)]), 'BAD_USER_INPUT'],
  ['more pieces than an order takes', place([item('p3', 100)]), 'BAD_USER_INPUT'],
  ['half a piece', place([item('p3', 1.5)]), 'BAD_USER_INPUT'],
  ['more pieces than a number has room for', place([item('p3', 2 ** 31)]), 'BAD_USER_INPUT'],
  ['a quantity in words', place([item('p3', 'two')]), 'BAD_USER_INPUT'],
  ['nothing', place([]), 'BAD_USER_INPUT'],
  ['more products than an order takes', place(many(21)), 'BAD_USER_INPUT'],
  ['an id that no database takes', place([item('p\u00003')]), 'BAD_USER_INPUT'],
  ['an id without end', place([item('p'.repeat(65))]), 'BAD_USER_INPUT'],
  ['an empty key', place([item('p3')], { key: '' }), 'BAD_USER_INPUT'],
  ['a key without end', place([item('p3')], { key: 'k'.repeat(65) }), 'BAD_USER_INPUT'],
  ['an empty payment token', place([item('p3')], { token: '' }), 'BAD_USER_INPUT'],
  ['nobody in particular', { variables: { items: [item('p3')] } }, 'UNAUTHENTICATED'],
])('an order of %s is refused, and leaves no trace', async (_, options, code) => {
  const before = await traces();
  expect(await shop.codes(placing, options)).toEqual([code]);
  await shop.mesh.settled();
  expect(await traces()).toEqual(before);
});

test('a key belongs to the first request under it: repeated it gets the same answer, with another body a conflict', async () => {
  const ask = (items: readonly object[], more: object = {}) =>
    shop.codes(placing, place(items, { key: 'mine', ...more }));
  const askAgain = (items: readonly object[]) => ask(items, { key: 'refused' });
  expect(await askAgain([item('p14')])).toEqual(['OUT_OF_STOCK']);
  expect(await askAgain([item('p14')])).toEqual(['OUT_OF_STOCK']);
  expect(await askAgain([item('p3')])).toEqual(['IDEMPOTENCY_CONFLICT']);
  expect(await ask([item('p3')])).toEqual([]);
  const before = shop.mesh.emitted('order.placed').length;
  expect(await ask([item('p3')])).toEqual([]);
  expect(await ask([item('p3', 2)])).toEqual(['IDEMPOTENCY_CONFLICT']);
  expect(await ask([item('p4')])).toEqual(['IDEMPOTENCY_CONFLICT']);
  expect(await ask([item('p3')], { token: 'tok_other' })).toEqual(['IDEMPOTENCY_CONFLICT']);
  expect(shop.mesh.emitted('order.placed')).toHaveLength(before);
});

test('somebody else’s order can be neither seen nor cancelled, and is not harmed by trying', async () => {
  const { placeOrder } = await shop.data(placing, place([item('p3')]));
  const { id } = placeOrder as { id: string };
  const options = { variables: { id }, as: barbara };
  expect(await shop.data('query ($id: ID!) { order(id: $id) { id } }', options)).toEqual({ order: null });
  expect(await shop.codes('mutation ($id: ID!) { cancelOrder(id: $id) { id } }', options)).toEqual([
    'ORDER_NOT_FOUND',
  ]);
  expect(await shop.settled(id)).toMatchObject({ status: 'CONFIRMED' });
});

describe('an event', () => {
  const confirmed = (id: string) =>
    toMessage(
      orderConfirmedEvent.create(
        {
          ...{ orderId: id, customerId: 'u9', items: [{ productId: 'p1', quantity: 1 }] },
          ...{ total: { amount: 100_000, currency: 'EUR' }, placedAt: 1, confirmedAt: 2 },
        },
        { source: '/test' },
        id,
      ),
    );
  const withData = (message: Message, text: string): Message => ({
    ...message,
    data: new TextEncoder().encode(text),
  });
  const points = async (id: string) => {
    const { user } = await shop.data('query ($id: ID!) { user(id: $id) { loyaltyPoints } }', {
      ...{ variables: { id }, as: admin },
    });
    return (user as { loyaltyPoints: number }).loyaltyPoints;
  };
  interface Letter {
    readonly messageId: string;
    readonly group: string;
    readonly attempts: number;
    readonly reason: { readonly code: string };
  }
  const letters = async (messageId: string) =>
    (await shop.mesh.call<Letter[]>('deadLetters.list', { limit: 1_000 })).filter(
      (letter) => letter.messageId === messageId,
    );

  test.each<[string, (good: Message) => Message, string]>([
    ['that is no CloudEvent', ({ id, key, data }) => ({ id, key, data, headers: {} }), 'MALFORMED_EVENT'],
    ['that is not JSON', (good) => withData(good, '{"orderId": '), 'MALFORMED_EVENT'],
    ['that lacks what is read of it', (good) => withData(good, '{"orderId": "x"}'), 'INVALID_EVENT'],
    [
      'of a version from the future',
      (good) => ({
        ...good,
        headers: { ...good.headers, 'ce-dataschema': 'urn:event:order.confirmed:9' },
      }),
      'UNKNOWN_EVENT_VERSION',
    ],
    [
      'under another’s name',
      (good) => ({ ...good, headers: { ...good.headers, 'ce-type': 'order.placed' } }),
      'MALFORMED_EVENT',
    ],
  ])('%s is put aside with the reason, and the groups go on', async (name, spoil, code) => {
    const id = `bad-${name.replaceAll(/\W/g, '-')}`;
    const before = await points('u9');
    await shop.events.channel.publish('order.confirmed', spoil(confirmed(id)));
    await shop.events.channel.publish('order.confirmed', confirmed(`${id}-next`));
    await shop.handled();
    const aside = await letters(id);
    expect(aside.map(({ group }) => group)).toContain('loyalty');
    expect(new Set(aside.map(({ attempts, reason }) => `${reason.code} ${attempts}`))).toEqual(
      new Set([`${code} 1`]),
    );
    expect(await letters(`${id}-next`)).toEqual([]);
    expect(await points('u9')).toBe(before + 1_000);
  });

  test('over the size limit is refused to its publisher, and nobody hears of it', async () => {
    const good = confirmed('huge');
    const huge = withData(good, JSON.stringify('x'.repeat(1_048_576)));
    await expect(shop.events.channel.publish('order.confirmed', huge)).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
    });
    await shop.handled();
    expect(await letters('huge')).toEqual([]);
  });

  test('that no handler survives is given up after its attempts; the other groups have it, and what follows goes on', async () => {
    const seen: string[] = [];
    await shop.mesh.add(
      defineService({
        name: 'squeamish',
        channels: {
          'order.confirmed': {
            versions: { 1: { type: 'object' } },
            ...{ maxAttempts: 2, backoff: { initial: 1, max: 1 }, from: 'next' },
            async handler({ params }) {
              const { orderId } = params as { orderId: string };
              if (orderId === 'poison') throw new TypeError('cannot read it');
              seen.push(orderId);
            },
          },
        },
      }),
    );
    const before = await points('u9');
    await shop.events.channel.publish('order.confirmed', confirmed('poison'));
    await shop.events.channel.publish('order.confirmed', confirmed('wholesome'));
    await shop.handled();
    expect(await letters('poison')).toMatchObject([
      { group: 'squeamish', attempts: 2, reason: { code: 'HANDLER_FAILED' } },
    ]);
    expect(seen).toEqual(['wholesome']);
    expect(await points('u9')).toBe(before + 2_000);
    await shop.mesh.remove('squeamish');
  });

  test('about a user whom nobody knows leads to no mail, and is told among the unsent', async () => {
    const told = { userId: 'ghost', name: 'Ghost', registeredAt: 1 };
    const event = userRegistered.create(told, { source: '/test' });
    await shop.events.channel.publish('user.registered', toMessage(event));
    await shop.handled();
    const { unsentMails } = await shop.data(
      '{ unsentMails { id kind attempts error { code } deadLetter } }',
      { as: admin },
    );
    expect(unsentMails).toContainEqual({
      ...{ id: 'WELCOME:ghost', kind: 'WELCOME', attempts: 1, error: { code: 'NO_RECIPIENT' } },
      deadLetter: expect.any(String),
    });
  });
});
