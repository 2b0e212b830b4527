import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { openAccountStore } from './account-store.ts';
import { userRegistered } from './events.ts';
import { verifyPassword } from './password.ts';
import type { User } from './user.ts';

const user = (id: string, fields: Partial<User> = {}): User => ({
  id,
  username: id,
  email: `${id}@example.com`,
  name: id,
  roles: [],
  createdAt: 1_795_386_832_962,
  ...fields,
});

const told = ({ id, name, createdAt }: User) =>
  userRegistered.create({ userId: id, name, registeredAt: createdAt }, { source: '/test' });

export function accountStoreContract(fresh: TestDatabases['fresh']): void {
  test('a user that was added is found by id and by username, roles and all', async () => {
    const store = await openAccountStore(await fresh());
    const ada = user('ada', { roles: ['admin', 'buyer'] });
    expect(await store.addUser(ada, 'hash', told(ada))).toBe('added');
    expect(await store.usersByIds(['ada', 'nobody'])).toEqual([ada]);
    expect(await store.userByUsername('ada')).toEqual({ user: ada, passwordHash: 'hash' });
    expect(await store.userByUsername('nobody')).toBeUndefined();
    await store.close();
  });

  test('of many who register one username or one email at once, one gets it', async () => {
    const store = await openAccountStore(await fresh());
    const add = (each: User) => store.addUser(each, 'hash', told(each));
    const same = [1, 2, 3, 4].map((n) => add(user(`a${n}`, { username: 'ada' })));
    expect((await Promise.all(same)).toSorted()).toEqual([
      'added',
      'username taken',
      'username taken',
      'username taken',
    ]);
    const mail = [1, 2].map((n) => add(user(`b${n}`, { email: 'b@example.com' })));
    expect((await Promise.all(mail)).toSorted()).toEqual(['added', 'email taken']);
    await store.close();
  });

  test('replicas that ask for the signing key at once all get the same, and keep it', async () => {
    const config = await fresh();
    const replicas = await Promise.all([1, 2, 3].map(() => openAccountStore(config)));
    const keys = await Promise.all(replicas.map((replica) => replica.signingKey()));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    await Promise.all(replicas.map((replica) => replica.close()));
    const later = await openAccountStore(config);
    expect(await later.signingKey()).toEqual(keys[0]);
    await later.close();
  });

  test('the seed holds a hundred users, one of them administrator, who log in with the demonstration’s password', async () => {
    const store = await openAccountStore(await fresh({ seed: true }));
    const ids = Array.from({ length: 101 }, (_, index) => `u${index + 1}`);
    const users = await store.usersByIds(ids);
    expect(users).toHaveLength(100);
    expect(users.filter(({ roles }) => roles.includes('admin')).map(({ id }) => id)).toEqual(['u1']);
    const ada = await store.userByUsername('ada.horvat');
    expect(await verifyPassword('federation', ada?.passwordHash)).toBe(true);
    await store.close();
  });
}
