import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { seedUser, USERS } from '../common/seed/cast.ts';
import type { AccountTables } from './account-store.ts';
import { hashPassword } from './password.ts';

/** @param password of all seeded users; without one nobody can log in as any of them. */
export async function seedAccounts(db: Kysely<AccountTables>, password: string | undefined): Promise<void> {
  // One hash for all: a hundred would cost five seconds of the first start, and the password is no secret anyway.
  const passwordHash = await hashPassword(password ?? randomBytes(32).toString('base64url'));
  const rows = Array.from({ length: USERS }, (_, index) => {
    const { id, name, username, email, registeredAt } = seedUser(index + 1);
    return {
      id,
      username,
      email,
      name,
      roles: index === 0 ? 'admin' : '',
      password_hash: passwordHash,
      created_at: registeredAt,
    };
  });
  await insertAll(rows, (batch) => db.insertInto('users').values(batch));
}
