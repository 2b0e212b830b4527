import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { DeadLetter, Message } from '../channel.ts';
import { DurableEventError } from '../errors.ts';
import type { LocalStore, StoredDelivery } from './local-store.ts';

// A group's queue is a table of its own rows, not a cursor: keys advance independently, and a retry has its own time.
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
  create index if not exists deliveries_by_key on deliveries (event, grp, key, seq);
  create index if not exists deliveries_waiting on deliveries (event, grp, due_at) where due_at > 0;
  create table if not exists dead_letters (
    id integer primary key autoincrement, event text not null, grp text not null,
    message integer not null references messages (seq), attempts integer not null,
    code text not null, reason text not null, died_at integer not null
  );
`;

// Walks a group in order (an index ends with the rowid, which is seq) and stops at the limit: a long queue costs no more than a short one.
const DUE = `
  select d.seq, d.attempts, d.key, m.id, m.headers, m.data, m.published_at from (
    select * from deliveries o indexed by deliveries_in_order
    where event = ? and grp = ? and due_at <= ? and key not in (select value from json_each(?)) and not exists
      (select 1 from deliveries e where e.event = o.event and e.grp = o.grp and e.key = o.key and e.seq < o.seq)
    order by seq limit ?
  ) d join messages m on m.seq = d.message
  order by d.seq`;

// The first in a queue is the oldest, but for a replayed one: near enough for a look.
const GROUPS = `
  select g.event, g.name,
    (select count(*) from deliveries d where d.event = g.event and d.grp = g.name) as waiting,
    (select m.published_at from deliveries d join messages m on m.seq = d.message
     where d.event = g.event and d.grp = g.name order by d.seq limit 1) as since,
    (select count(*) from dead_letters l where l.event = g.event and l.grp = g.name) as dead
  from groups g order by g.event || ' ' || g.name`;

const DEAD = `
  select l.id as letter, l.event, l.grp, l.attempts, l.code, l.reason, l.died_at, m.id, m.key, m.headers, m.data
  from dead_letters l join messages m on m.seq = l.message`;

const SQLITE_BUSY = 5;

type Row = Record<string, unknown>;

/**
 * Keeps messages in one SQLite file that belongs to this process alone. Every transaction is synced to the disk before
 * it returns: what was published survives kill -9 and a power failure.
 *
 * @throws DurableEventError CHANNEL_IN_USE when another process has the file open.
 */
export function createSqliteStore(path: string): LocalStore {
  const database = openAlone(path);
  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    let statement = statements.get(text);
    if (!statement) {
      statement = database.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  const one = (event: string, group: string, seq: number) => [seq, event, group] as const;
  const ONE = 'where seq = ? and event = ? and grp = ?';

  return {
    transaction(work) {
      database.exec('begin');
      try {
        const result = work();
        database.exec('commit');
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('rollback');
        throw error;
      }
    },
    append(event, message, publishedAt) {
      const { id, key, headers, data } = message;
      const { changes, lastInsertRowid } = sql(
        `insert into messages (event, id, key, headers, data, published_at) values (?, ?, ?, ?, ?, ?)
         on conflict (event, id) do nothing`,
      ).run(event, id, key, JSON.stringify(headers), data, publishedAt);
      if (changes === 0) return;
      sql(
        'insert into deliveries (event, grp, key, message) select event, name, ?, ? from groups where event = ? order by name',
      ).run(key, lastInsertRowid, event);
    },
    ensureGroup(event, group, from) {
      const { changes } = sql('insert into groups values (?, ?) on conflict do nothing').run(event, group);
      if (changes === 0 || from === 'next') return;
      sql(
        'insert into deliveries (event, grp, key, message) select event, ?, key, seq from messages where event = ? order by seq',
      ).run(group, event);
    },
    dropGroup(event, group) {
      sql('delete from groups where event = ? and name = ?').run(event, group);
      sql('delete from deliveries where event = ? and grp = ?').run(event, group);
    },
    listGroups: (now) =>
      sql(GROUPS)
        .all()
        .map(({ event, name, waiting, since, dead }) => ({
          ...{ event: event as string, group: name as string, waiting: waiting as number },
          oldest: since === null ? 0 : Math.max(0, now - (since as number)),
          deadLetters: dead as number,
        })),
    due: (event, group, now, busy, limit) =>
      sql(DUE)
        .all(event, group, now, JSON.stringify([...busy]), limit)
        .map(toDelivery),
    nextDueAt(event, group, now) {
      const row = sql(
        'select min(due_at) as next from deliveries where event = ? and grp = ? and due_at > max(?, 0)',
      ).get(event, group, now);
      return (row?.next as number | null) ?? undefined;
    },
    begin: (...of) => void sql(`update deliveries set attempts = attempts + 1 ${ONE}`).run(...one(...of)),
    settle: (...of) => void sql(`delete from deliveries ${ONE}`).run(...one(...of)),
    retryAt: (event, group, seq, at) =>
      void sql(`update deliveries set due_at = ? ${ONE}`).run(at, ...one(event, group, seq)),
    bury(event, group, seq, { code, message }, at) {
      sql(
        `insert into dead_letters (event, grp, message, attempts, code, reason, died_at)
         select event, grp, message, attempts, ?, ?, ? from deliveries ${ONE}`,
      ).run(code, message, at, ...one(event, group, seq));
      sql(`delete from deliveries ${ONE}`).run(...one(event, group, seq));
    },
    listDead: ({ event, group, after = '0', limit = 100 }) =>
      sql(
        `${DEAD} where l.id > cast(? as integer) and l.event = ifnull(?, l.event) and l.grp = ifnull(?, l.grp)
         order by l.id limit ?`,
      )
        .all(after, event ?? null, group ?? null, limit)
        .map(toDeadLetter),
    readDead(id) {
      const row = sql(`${DEAD} where l.id = cast(? as integer)`).get(id);
      return row && toDeadLetter(row);
    },
    replayDead(id) {
      const { changes } = sql(
        `insert into deliveries (event, grp, key, message)
         select l.event, l.grp, m.key, m.seq from dead_letters l join messages m on m.seq = l.message
         where l.id = cast(? as integer)`,
      ).run(id);
      sql('delete from dead_letters where id = cast(? as integer)').run(id);
      return changes > 0;
    },
    discardDead: (id) => sql('delete from dead_letters where id = cast(? as integer)').run(id).changes > 0,
    close: () => database.close(),
  };
}

function openAlone(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // Exclusive mode takes the lock at the first write and keeps it: a second process would run every handler twice.
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    database.exec(`begin immediate; ${SCHEMA} commit`);
    return database;
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: unknown }).errcode === SQLITE_BUSY)
      throw new DurableEventError('CHANNEL_IN_USE', `${path} is in use by another process`, { cause });
    throw cause;
  }
}

function toDelivery(row: Row): StoredDelivery {
  return {
    seq: row.seq as number,
    attempts: row.attempts as number,
    publishedAt: row.published_at as number,
    message: toMessage(row),
  };
}

function toDeadLetter(row: Row): DeadLetter {
  return {
    id: String(row.letter),
    event: row.event as string,
    group: row.grp as string,
    message: toMessage(row),
    attempts: row.attempts as number,
    reason: { code: row.code as string, message: row.reason as string },
    diedAt: row.died_at as number,
  };
}

function toMessage(row: Row): Message {
  return {
    id: row.id as string,
    key: row.key as string,
    headers: JSON.parse(row.headers as string) as Record<string, string>,
    data: row.data as Uint8Array,
  };
}
