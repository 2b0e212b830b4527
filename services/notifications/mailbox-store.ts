import type { Kysely } from 'kysely';
import { inBatches } from '../common/batches.ts';
import type { Page } from '../common/connection.ts';
import { type Database, openDatabase } from '../common/database/database.ts';
import { pageRows } from '../common/database/page-rows.ts';
import { prepared } from '../common/database/prepared.ts';
import { seedOnce } from '../common/database/seed-once.ts';
import type { ShopConfig } from '../config.ts';
import { type Mail, type MailKind, type MailRequest, mailId } from './mail.ts';
import { type MailTables, migrations } from './mailbox-tables.ts';
import { seedMails } from './seed.ts';
import type { MailFailure } from './unsent.ts';

/** Mails that were sent, and why others are not yet. Every replica works on the same ones. */
export class MailboxStore {
  readonly #db: Kysely<MailTables>;
  readonly #queries: ReturnType<typeof mailQueries>;
  readonly close: () => Promise<void>;
  /** Once per id: whoever asks again for a mail that was sent gets no second one. */
  readonly deliver = inBatches<Mail>((mails) => this.#deliver(mails));

  constructor({ db, close }: Database<MailTables>) {
    this.#db = db;
    this.#queries = mailQueries(db);
    this.close = close;
  }

  /** Remembers why the latest attempt at a mail failed, until it is delivered. */
  async noteFailure(request: MailRequest, attempts: number, error: unknown): Promise<void> {
    const { code, type, message } = (error ?? {}) as Record<string, unknown>;
    const row = {
      ...{ id: mailId(request), kind: request.kind, user_id: request.userId, attempts },
      // Moleculer's errors carry their code as `type`, and a number as `code`.
      code: [code, type].find((each) => typeof each === 'string') ?? 'HANDLER_FAILED',
      message: String(message ?? error).slice(0, 500),
      failed_at: Date.now(),
    } as MailTables['mail_failures'];
    const { id, ...latest } = row;
    await this.#db
      .insertInto('mail_failures')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(latest))
      .execute();
  }

  /** Latest first. */
  async failures(limit: number): Promise<MailFailure[]> {
    const rows = await this.#db
      .selectFrom('mail_failures')
      .selectAll()
      .orderBy('failed_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(({ user_id, failed_at, ...row }) => ({ ...row, userId: user_id, failedAt: failed_at }));
  }

  async byId(id: string): Promise<Mail | undefined> {
    const row = await this.#db.selectFrom('mails').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toMail(row);
  }

  /** Newest first; of everybody without `userId`. One row more than the page's size where the list goes on. */
  async page(userId: string | undefined, page: Page): Promise<Mail[]> {
    const all = this.#db.selectFrom('mails').selectAll();
    const query = userId === undefined ? all : all.where('user_id', '=', userId);
    const rows = await pageRows(query, page, 'newest');
    return rows.map(toMail);
  }

  async count(userId: string | undefined): Promise<number> {
    const all = this.#db.selectFrom('mails').select((row) => row.fn.countAll<number>().as('count'));
    const query = userId === undefined ? all : all.where('user_id', '=', userId);
    return (await query.executeTakeFirstOrThrow()).count;
  }

  async #deliver(mails: readonly Mail[]): Promise<void> {
    // In one order everywhere: two batches of the same mails could each hold a row that the other waits for.
    const rows = mails.map(toRow).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    await this.#db.transaction().execute(async (tx) => {
      await this.#queries.insert(tx, { rows });
      await this.#queries.forgetFailures(tx, { ids: rows.map(({ id }) => id) });
    });
  }
}

/** The statements of every mail. */
const mailQueries = (db: Kysely<MailTables>) => ({
  insert: prepared(db, (db, { rows }: { rows: readonly MailTables['mails'][] }) =>
    db
      .insertInto('mails')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing()),
  ),
  forgetFailures: prepared(db, (db, { ids }: { ids: readonly string[] }) =>
    db.deleteFrom('mail_failures').where('id', 'in', ids),
  ),
});

const toRow = ({ userId, to, createdAt, ...mail }: Mail): MailTables['mails'] => ({
  ...{ ...mail, user_id: userId, recipient: to, created_at: createdAt },
});

const toMail = (row: MailTables['mails']): Mail => ({
  ...{ id: row.id, kind: row.kind as MailKind, userId: row.user_id, to: row.recipient },
  ...{ subject: row.subject, body: row.body, html: row.html, createdAt: row.created_at },
});

export async function openMailboxStore(config: ShopConfig): Promise<MailboxStore> {
  const database = await openDatabase<MailTables>(config.database, 'notifications', migrations);
  if (config.seed) await seedOnce(database.db, 'demonstration', seedMails);
  return new MailboxStore(database);
}
