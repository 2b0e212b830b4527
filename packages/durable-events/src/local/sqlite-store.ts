import type { LocalStore } from './local-store.ts';
import { openAlone } from './sqlite-file.ts';
import { SqliteQueues } from './sqlite-queues.ts';
import { toDeadLetter } from './sqlite-rows.ts';

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

const ONE_DEAD = 'where id = cast(? as integer)';

/**
 * Keeps messages in one SQLite file that belongs to this process alone.
 *
 * @throws DurableEventError CHANNEL_IN_USE when another process has the file open.
 */
export function createSqliteStore(path: string): LocalStore {
  const file = openAlone(path);
  const queues = new SqliteQueues(file);
  return {
    transaction(work) {
      file.control('begin');
      try {
        const result = work();
        queues.flush();
        file.control('commit');
        return result;
      } catch (error) {
        if (file.inTransaction) file.control('rollback');
        queues.reset();
        throw error;
      }
    },
    sync: () => file.sync(),
    append(event, message, publishedAt) {
      const { id, key, headers, data } = message;
      const { changes, lastInsertRowid } = file.run(
        `insert into messages (event, id, key, headers, data, published_at) values (?, ?, ?, ?, ?, ?)
         on conflict (event, id) do nothing`,
        ...[event, id, key, JSON.stringify(headers), data, publishedAt],
      );
      if (changes > 0) queues.append(event, lastInsertRowid, { message, publishedAt });
    },
    ensureGroup(event, group, from) {
      const { changes } = file.run('insert into groups values (?, ?) on conflict do nothing', event, group);
      if (changes === 0) return;
      if (from === 'first')
        file.run(
          'insert into deliveries (event, grp, key, message) select event, ?, key, seq from messages where event = ? order by seq',
          ...[group, event],
        );
      queues.changed(event, group);
    },
    dropGroup(event, group) {
      file.run('delete from groups where event = ? and name = ?', event, group);
      file.run('delete from deliveries where event = ? and grp = ?', event, group);
      queues.changed(event, group);
    },
    listGroups(now) {
      queues.flush();
      return file.all(GROUPS).map(({ event, name, waiting, since, dead }) => ({
        ...{ event: event as string, group: name as string, waiting: waiting as number },
        oldest: since === null ? 0 : Math.max(0, now - (since as number)),
        deadLetters: dead as number,
      }));
    },
    due: (...of) => queues.due(...of),
    nextDueAt: (...of) => queues.nextDueAt(...of),
    begin: (...of) => queues.begin(...of),
    settle: (...of) => queues.settle(...of),
    retryAt: (...of) => queues.retryAt(...of),
    bury(event, group, seq, { code, message }, at) {
      queues.flush();
      file.run(
        `insert into dead_letters (event, grp, message, attempts, code, reason, died_at)
         select event, grp, message, attempts, ?, ?, ? from deliveries where seq = ?`,
        ...[code, message, at, seq],
      );
      queues.settle(event, group, seq);
    },
    listDead: ({ event, group, after = '0', limit = 100 }) =>
      file
        .all(
          `${DEAD} where l.id > cast(? as integer) and l.event = ifnull(?, l.event) and l.grp = ifnull(?, l.grp)
           order by l.id limit ?`,
          ...[after, event ?? null, group ?? null, limit],
        )
        .map(toDeadLetter),
    readDead(id) {
      const row = file.get(`${DEAD} where l.id = cast(? as integer)`, id);
      return row && toDeadLetter(row);
    },
    replayDead(id) {
      const letter = file.get(`select event, grp from dead_letters ${ONE_DEAD}`, id);
      if (!letter) return false;
      file.run(
        `insert into deliveries (event, grp, key, message)
         select l.event, l.grp, m.key, m.seq from dead_letters l join messages m on m.seq = l.message
         where l.id = cast(? as integer)`,
        id,
      );
      file.run(`delete from dead_letters ${ONE_DEAD}`, id);
      queues.changed(letter.event as string, letter.grp as string);
      return true;
    },
    discardDead: (id) => file.run(`delete from dead_letters ${ONE_DEAD}`, id).changes > 0,
    close: () => file.close(),
  };
}
