/** The mailbox in a browser, and what becomes of a mail that cannot be sent: tried again, put aside, replayed. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { accountsService } from './accounts/accounts.service.ts';
import { sqliteDatabases, type TestDatabases } from './common/database/test-databases.ts';
import { createTestEvents } from './common/test-events.ts';
import type { ShopConfig } from './config.ts';
import { notificationsService } from './notifications/notifications.service.ts';
import { ordersService } from './orders/orders.service.ts';
import { productsService } from './products/products.service.ts';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await sqliteDatabases();
});
afterAll(async () => {
  await databases[Symbol.asyncDispose]();
});

const admin = { user: { id: 'u1', roles: ['admin'] } };

async function startShop(changes: Partial<ShopConfig> = {}) {
  const events = createTestEvents();
  const broker = new ServiceBroker({
    ...{ logger: false, skipProcessEventRegistration: true, middlewares: events.middlewares },
  });
  const config = { ...(await databases.fresh({ seed: true })), ...changes };
  for (const service of [accountsService, notificationsService, ordersService, productsService])
    broker.createService(service(config));
  await broker.start();
  return {
    broker,
    events,
    page: (params: object = {}, meta: object = {}) =>
      broker.call<string, object>('notifications.page', params, { meta }),
    async [Symbol.asyncDispose]() {
      await broker.stop();
      await events[Symbol.asyncDispose]();
    },
  };
}

interface Unsent {
  readonly id: string;
  readonly attempts: number;
  readonly code: string;
  readonly deadLetter: string | null;
}

describe('the page', () => {
  test('of the demonstration is open: who knows its password may see all', async () => {
    await using shop = await startShop();
    const list = await shop.page();
    expect(list).toContain('mails. None of them left this machine.');
    const links = [...list.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
    const older = links.find((href) => href.startsWith('/mailbox?after='));
    const { searchParams } = new URL(older ?? '', 'http://x');
    expect(await shop.page({ after: searchParams.get('after') })).not.toBe(list);
    const mail = new URL(links.find((href) => href.includes('id=ORDER_PLACED')) ?? '', 'http://x');
    const shown = await shop.page({ id: mail.searchParams.get('id') });
    expect(shown).toContain('<li>Total: ');
    expect(shown).toContain('<pre>Hello ');
    await expect(shop.page({ id: 'ORDER_PLACED:none' })).rejects.toMatchObject({ type: 'MAIL_NOT_FOUND' });
  });

  test.each([
    ['nobody can log in as a seeded user', { demoPassword: undefined }],
    ['nobody is seeded', { seed: false }],
  ])('is for whoever is logged in where %s', async (_, changes) => {
    await using shop = await startShop(changes as Partial<ShopConfig>);
    await expect(shop.page()).rejects.toMatchObject({ type: 'UNAUTHENTICATED' });
    await expect(shop.page({ id: 'WELCOME:u1' })).rejects.toMatchObject({ type: 'UNAUTHENTICATED' });
  });

  test('shows a user its own mails and no more', async () => {
    await using shop = await startShop();
    const alan = { user: { id: 'u2', roles: [] } };
    const list = await shop.page({}, alan);
    expect(list).toContain('id=WELCOME%3Au2');
    expect(list).not.toContain('id=WELCOME%3Au1');
    await expect(shop.page({ id: 'WELCOME:u1' }, alan)).rejects.toMatchObject({ type: 'MAIL_NOT_FOUND' });
  });

  test('runs nothing that a user has typed', async () => {
    await using shop = await startShop();
    const name = '<img src=x onerror=alert(1)>"\'&';
    const password = 'correct horse';
    await shop.broker.call('accounts.register', {
      username: 'mallory',
      email: 'm@example.com',
      name,
      password,
    });
    await shop.events.handled(shop.broker);
    const list = await shop.page();
    const id = /id=(WELCOME%3Au[0-9a-f-]{36})/.exec(list)?.[1] ?? '';
    const shown = await shop.page({ id: decodeURIComponent(id) });
    expect(shown).toContain('Hello &lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;,');
    expect(shown).not.toContain('<img');
  });
});

test('a mail that fails is tried again, then put aside with the reason, and sent when it is replayed', async () => {
  await using shop = await startShop();
  const { broker, events } = shop;
  const unsent = () => broker.call<Unsent[], object>('notifications.unsent', {}, { meta: admin });
  const faults = (failPercent: number) =>
    broker.call('notifications.setFaults', { failPercent }, { meta: admin });
  await faults(100);
  const { user } = await broker.call<{ user: { id: string } }, object>('accounts.register', {
    ...{ username: 'edsger', email: 'edsger@example.com', name: 'Edsger', password: 'correct horse' },
  });
  const id = `WELCOME:${user.id}`;
  const letterOf = (mails: readonly Unsent[]) => mails.find((mail) => mail.id === id)?.deadLetter;
  let mails = await unsent();
  for (; !letterOf(mails); mails = await unsent()) await delay(10);
  expect(mails).toMatchObject([{ id, attempts: 3, code: 'FAULT_INJECTED' }]);
  const letter = letterOf(mails);
  expect(await shop.page()).toContain(`call deadLetters.replay --id ${letter}`);
  await expect(shop.page({ id })).rejects.toMatchObject({ type: 'MAIL_NOT_FOUND' });
  // What came behind it is not held back.
  await faults(0);
  await broker.call('accounts.register', {
    ...{ username: 'tony', email: 'tony@example.com', name: 'Tony', password: 'correct horse' },
  });
  await events.handled(broker);
  expect(await shop.page()).toContain('tony@example.com');

  await broker.call('deadLetters.replay', { id: letter });
  while ((await unsent()).length > 0) await delay(10);
  expect(await shop.page({ id })).toContain('Hello Edsger,');
});

test('why mails are not sent is for administrators', async () => {
  await using shop = await startShop();
  const meta = { user: { id: 'u2', roles: [] } };
  await expect(shop.broker.call('notifications.unsent')).rejects.toMatchObject({ type: 'UNAUTHENTICATED' });
  await expect(shop.broker.call('notifications.unsent', {}, { meta })).rejects.toMatchObject({
    type: 'FORBIDDEN',
  });
});
