/** What holds for every service of the shop, without starting any. */
import { describe, expect, test } from '@jest/globals';
import type { ServiceSchema } from 'moleculer';
import accounts from './accounts/accounts.service.ts';
import analytics from './analytics/analytics.service.ts';
import inventory from './inventory/inventory.service.ts';
import loyalty from './loyalty/loyalty.service.ts';
import notifications from './notifications/notifications.service.ts';
import orders from './orders/orders.service.ts';
import payments from './payments/payments.service.ts';
import products from './products/products.service.ts';
import recommendations from './recommendations/recommendations.service.ts';
import reviews from './reviews/reviews.service.ts';
import shipping from './shipping/shipping.service.ts';

const services: readonly ServiceSchema[] = [
  ...[
    accounts,
    analytics,
    inventory,
    loyalty,
    notifications,
    orders,
    payments,
    products,
    recommendations,
    reviews,
  ],
  shipping,
];
const actions = services.flatMap(({ name, actions = {} }) =>
  Object.entries(actions).map(([action, schema]) => ({ name: `${name}.${action}`, schema })),
);

describe.each(actions)('$name', ({ schema }) => {
  test('checks its params and refuses those it does not know', () => {
    expect(schema).toMatchObject({ params: { $$strict: true } });
  });
});

test('only what changes something may not be sent twice', () => {
  const once = actions.filter(({ schema }) => !(schema as { idempotent?: true }).idempotent);
  expect(once.map(({ name }) => name).toSorted()).toEqual([
    'accounts.login',
    'accounts.register',
    'analytics.rebuild',
    'inventory.restock',
    'orders.place',
    'products.changePrice',
    'reviews.add',
  ]);
});

test('no settings travel through the mesh with a secret in them', () => {
  for (const { settings } of services) expect(settings).toBeUndefined();
});
