import type { Kysely } from 'kysely';
import { type CloudEvent, outboxMigration, withOutbox } from 'moleculer-durable-events';
import { type Database, openDatabase } from '../common/database/database.ts';
import { type Prepared, prepared } from '../common/database/prepared.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { seedAccounts } from './seed.ts';
import { createSigningKey, type SigningKey } from './token.ts';
import type { User } from './user.ts';

export interface AccountTables {
  users: {
    id: string;
    username: string;
    email: string;
    name: string;
    /** Space-separated. */
    roles: string;
    password_hash: string;
    created_at: number;
  };
  signing_keys: { slot: string; kid: string; private_jwk: string; public_jwk: string };
}

/** Users, and the key that signs their tokens. Every replica of accounts works on the same ones. */
export class AccountStore {
  readonly #db: Kysely<AccountTables>;
  readonly #byIds: Prepared<AccountTables, { readonly ids: readonly string[] }, AccountTables['users']>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<AccountTables>) {
    this.#db = db;
    this.#byIds = prepared(db, (db, { ids }) => db.selectFrom('users').selectAll().where('id', 'in', ids));
    this.close = close;
  }

  get outbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  /** Those that exist, in no order. */
  async usersByIds(ids: readonly string[]): Promise<User[]> {
    if (ids.length === 0) return [];
    const rows = await this.#byIds(this.#db, { ids });
    return rows.map(toUser);
  }

  /** @param username in lower case. */
  async userByUsername(username: string): Promise<{ user: User; passwordHash: string } | undefined> {
    const row = await this.#db
      .selectFrom('users')
      .selectAll()
      .where('username', '=', username)
      .executeTakeFirst();
    return row && { user: toUser(row), passwordHash: row.password_hash };
  }

  /**
   * Of two who ask for one username or email at the same time, one is added. Its event is in the outbox exactly when the
   * user is there.
   */
  async addUser(
    user: User,
    passwordHash: string,
    event: CloudEvent,
  ): Promise<'added' | 'username taken' | 'email taken'> {
    const added = await this.#db.transaction().execute(async (tx) => {
      const row = await tx
        .insertInto('users')
        .values({
          id: user.id,
          username: user.username,
          email: user.email,
          name: user.name,
          roles: user.roles.join(' '),
          password_hash: passwordHash,
          created_at: user.createdAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      if (row) await withOutbox(tx, event);
      return row !== undefined;
    });
    if (added) return 'added';
    return (await this.userByUsername(user.username)) ? 'username taken' : 'email taken';
  }

  /** The one key of this installation, made at the first call. The private half is as secret as the database. */
  async signingKey(): Promise<SigningKey> {
    const found = await this.#currentKey();
    if (found) return found;
    const made = await createSigningKey();
    // Replicas that start together all get here; the first insert wins and everybody signs with that key.
    await this.#db
      .insertInto('signing_keys')
      .values({
        slot: 'current',
        kid: made.kid,
        private_jwk: JSON.stringify(made.privateJwk),
        public_jwk: JSON.stringify(made.publicJwk),
      })
      .onConflict((conflict) => conflict.column('slot').doNothing())
      .execute();
    const current = await this.#currentKey();
    if (!current) throw new Error('the signing key vanished');
    return current;
  }

  async #currentKey(): Promise<SigningKey | undefined> {
    const row = await this.#db
      .selectFrom('signing_keys')
      .selectAll()
      .where('slot', '=', 'current')
      .executeTakeFirst();
    return (
      row && {
        kid: row.kid,
        privateJwk: JSON.parse(row.private_jwk) as SigningKey['privateJwk'],
        publicJwk: JSON.parse(row.public_jwk) as SigningKey['publicJwk'],
      }
    );
  }
}

function toUser(row: AccountTables['users']): User {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    name: row.name,
    roles: row.roles.split(' ').filter(Boolean),
    createdAt: row.created_at,
  };
}

export async function openAccountStore(config: ShopConfig): Promise<AccountStore> {
  const database = await openDatabase<AccountTables>(config.database, 'accounts', {
    '0001_users': {
      async up(db) {
        await db.schema
          .createTable('users')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('username', 'text', (column) => column.notNull().unique())
          .addColumn('email', 'text', (column) => column.notNull().unique())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('roles', 'text', (column) => column.notNull())
          .addColumn('password_hash', 'text', (column) => column.notNull())
          .addColumn('created_at', 'bigint', (column) => column.notNull())
          .execute();
      },
    },
    '0002_signing_keys': {
      async up(db) {
        await db.schema
          .createTable('signing_keys')
          .addColumn('slot', 'text', (column) => column.primaryKey())
          .addColumn('kid', 'text', (column) => column.notNull())
          .addColumn('private_jwk', 'text', (column) => column.notNull())
          .addColumn('public_jwk', 'text', (column) => column.notNull())
          .execute();
      },
    },
    '0003_outbox': outboxMigration,
  });
  if (config.seed)
    await seedOnce(database.db, 'demonstration', (tx) => seedAccounts(tx, config.demoPassword));
  return new AccountStore(database);
}
