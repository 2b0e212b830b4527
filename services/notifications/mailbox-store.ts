import type { Kysely } from 'kysely';
import { type CloudEvent, type InboxEntry, withInbox, withOutbox } from 'moleculer-durable-events';
import type { Page } from '../common/connection.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { pageRows } from '../common/database/page-rows.ts';
import type { ShopConfig } from '../config.ts';
import type { Mail, MailKind } from './mail.ts';
import { type MailTables, migrations } from './mailbox-tables.ts';

/** Mails that were sent, and the jobs of those to be sent (outbox). Every replica works on the same ones. */
export class MailboxStore {
  readonly #db: Kysely<MailTables>;
  readonly close: () => Promise<void>;

  constructor({ db, close }: Database<MailTables>) {
    this.#db = db;
    this.close = close;
  }

  get outbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  get inbox(): Kysely<unknown> {
    return this.#db as Kysely<unknown>;
  }

  /** Queues a mail; once per inbox entry. */
  async request(entry: InboxEntry, job: CloudEvent): Promise<void> {
    await this.#db.transaction().execute((tx) => withInbox(tx, entry, () => withOutbox(tx, job)));
  }

  /** Once per inbox entry, and once per id: whoever asks again for a mail that was sent gets no second one. */
  async deliver(entry: InboxEntry, mail: Mail): Promise<void> {
    const { id, kind, userId, to, subject, body, createdAt } = mail;
    await this.#db.transaction().execute((tx) =>
      withInbox(tx, entry, () =>
        tx
          .insertInto('mails')
          .values({ id, kind, user_id: userId, recipient: to, subject, body, created_at: createdAt })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      ),
    );
  }

  /** Newest first; of everybody without `userId`. One row more than the page's size where the list goes on. */
  async page(userId: string | undefined, page: Page): Promise<Mail[]> {
    const all = this.#db.selectFrom('mails').selectAll();
    const query = userId === undefined ? all : all.where('user_id', '=', userId);
    const rows = await pageRows(query, page, 'newest');
    return rows.map((row) => ({
      ...{ id: row.id, kind: row.kind as MailKind, userId: row.user_id, to: row.recipient },
      ...{ subject: row.subject, body: row.body, createdAt: row.created_at },
    }));
  }

  async count(userId: string | undefined): Promise<number> {
    const all = this.#db.selectFrom('mails').select((row) => row.fn.countAll<number>().as('count'));
    const query = userId === undefined ? all : all.where('user_id', '=', userId);
    return (await query.executeTakeFirstOrThrow()).count;
  }
}

export async function openMailboxStore(config: ShopConfig): Promise<MailboxStore> {
  return new MailboxStore(await openDatabase<MailTables>(config.database, 'notifications', migrations));
}
