import { closeSync, fdatasync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { DurableEventError } from '../errors.ts';

// A group's queue is a table of its own rows, not a cursor: keys advance independently, and a retry has its own time.
// The two indexes that go are of earlier versions; what they told is kept in memory.
const SCHEMA = `
  create table if not exists messages (
    seq integer primary key autoincrement, event text not null, id text not null, key text not null,
    headers text not null, data blob not null, published_at integer not null, unique (event, id)
  );
  create table if not exists groups (event text not null, name text not null, primary key (event, name)) without rowid;
  create table if not exists deliveries (
    seq integer primary key autoincrement, event text not null, grp text not null, key text not null,
    message integer not null references messages (seq), attempts integer not null default 0, due_at integer not null default 0
  );
  create index if not exists deliveries_in_order on deliveries (event, grp);
  drop index if exists deliveries_by_key;
  drop index if exists deliveries_waiting;
  create table if not exists dead_letters (
    id integer primary key autoincrement, event text not null, grp text not null,
    message integer not null references messages (seq), attempts integer not null,
    code text not null, reason text not null, died_at integer not null
  );
`;

const SQLITE_BUSY = 5;

export type Row = Record<string, unknown>;

/** A database file, with each statement prepared once. */
export interface SqliteFile {
  readonly inTransaction: boolean;
  /** A statement that changes nothing by itself: begin, commit, rollback. */
  control(sql: string): void;
  run(sql: string, ...parameters: SQLInputValue[]): { changes: number; lastInsertRowid: number };
  all(sql: string, ...parameters: SQLInputValue[]): Row[];
  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined;
  /** Resolves when all that was committed so far is on the disk. The event loop goes on meanwhile. */
  sync(): Promise<void>;
  close(): void;
}

/**
 * Opens the file, made and given its tables when missing, for this process alone.
 *
 * @throws DurableEventError CHANNEL_IN_USE when another process has it open.
 */
export function openAlone(path: string): SqliteFile {
  const database = new DatabaseSync(path);
  let log: number | undefined;
  try {
    // Exclusive mode takes the lock at the first write and keeps it: a second process would run every handler twice.
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    database.exec(`begin immediate; ${SCHEMA} commit`);
    log = openLog(database);
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: unknown }).errcode === SQLITE_BUSY)
      throw new DurableEventError('CHANNEL_IN_USE', `${path} is in use by another process`, { cause });
    throw cause;
  }
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  let unsynced = true;
  return {
    get inTransaction() {
      return database.isTransaction;
    },
    control: (sql) => void prepared(sql).run(),
    run(sql, ...parameters) {
      const { changes, lastInsertRowid } = prepared(sql).run(...parameters);
      if (changes !== 0) unsynced = true;
      return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
    },
    all: (sql, ...parameters) => prepared(sql).all(...parameters),
    get: (sql, ...parameters) => prepared(sql).get(...parameters),
    async sync() {
      if (!unsynced || log === undefined) return;
      unsynced = false;
      try {
        await promisify(fdatasync)(log);
      } catch (error) {
        unsynced = true;
        throw error;
      }
    },
    close() {
      if (log !== undefined) closeSync(log);
      database.close();
    },
  };
}

/**
 * The log that commits are written to, to be synced by us: SQLite would do it at each commit, and block the event loop. It still
 * syncs before it moves anything from there into the database.
 * @returns undefined where SQLite keeps no such log, in memory for one, and goes on syncing by itself.
 */
function openLog(database: DatabaseSync): number | undefined {
  const path = database.location();
  if (database.prepare('pragma journal_mode').get()?.journal_mode !== 'wal' || path === null)
    return undefined;
  const log = openSync(`${path}-wal`, 'r+');
  database.exec('pragma synchronous = normal');
  return log;
}
