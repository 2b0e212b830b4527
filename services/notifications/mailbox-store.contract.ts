import { expect, test } from '@jest/globals';
import { toPage } from '../common/connection.ts';
import type { TestDatabases } from '../common/database/test-databases.ts';
import type { Mail } from './mail.ts';
import { openMailboxStore } from './mailbox-store.ts';

const mail = (n: number, userId = 'u1'): Mail => ({
  id: `WELCOME:${n}`,
  ...{
    kind: 'WELCOME',
    userId,
    to: `${userId}@example.com`,
    subject: 'Welcome',
    body: 'Hello',
    html: '<p>Hello</p>',
  },
  createdAt: 1_795_386_832_000 + n,
});

export function mailboxStoreContract(fresh: TestDatabases['fresh']): void {
  test('a mail is delivered once, however often it is asked for', async () => {
    const store = await openMailboxStore(await fresh());
    await Promise.all([store.deliver(mail(1)), store.deliver(mail(1))]);
    await store.deliver(mail(1));
    expect(await store.page('u1', toPage({}))).toEqual([mail(1)]);
    expect(await store.count('u1')).toBe(1);
    await store.close();
  });

  test('a mailbox holds one user’s mails or everybody’s, newest first', async () => {
    const store = await openMailboxStore(await fresh());
    await store.deliver(mail(1));
    await store.deliver(mail(2, 'u2'));
    await store.deliver(mail(3));
    expect((await store.page('u1', toPage({}))).map(({ id }) => id)).toEqual(['WELCOME:3', 'WELCOME:1']);
    expect(await store.page(undefined, toPage({ first: 2 }))).toEqual([mail(3), mail(2, 'u2'), mail(1)]);
    expect(await store.count(undefined)).toBe(3);
    await store.close();
  });

  test('why a mail failed is told, with the latest attempt, until it is delivered', async () => {
    const store = await openMailboxStore(await fresh());
    const request = { kind: 'WELCOME', subjectId: '1', userId: 'u1' } as const;
    await store.noteFailure(request, 1, new TypeError('first'));
    await store.noteFailure(request, 2, Object.assign(new Error('away'), { code: 503, type: 'AWAY' }));
    expect(await store.failures(9)).toEqual([
      {
        ...{ id: 'WELCOME:1', kind: 'WELCOME', userId: 'u1', attempts: 2, code: 'AWAY', message: 'away' },
        failedAt: expect.any(Number),
      },
    ]);
    await store.deliver(mail(1));
    expect(await store.failures(9)).toEqual([]);
    expect(await store.byId('WELCOME:1')).toEqual(mail(1));
    expect(await store.byId('WELCOME:2')).toBeUndefined();
    await store.close();
  });
}
