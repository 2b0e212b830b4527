import { DeliveryWindow, type Waiting } from './delivery-window.ts';
import type { StoredDelivery } from './local-store.ts';
import { MessageCache, type StoredMessage } from './message-cache.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { toMessage } from './sqlite-rows.ts';

/** A window grows by so many rows when all that it holds is busy, put off or behind such. */
const ROWS_AT_ONCE = 1_000;
/** What is published into a longer queue is left in the file until its turn comes. */
const ROWS_IN_MEMORY = 10_000;

/**
 * The groups' queues as the file has them, with their fronts in memory. Deliveries that begin or end are noted, and
 * written by `flush`, all in one statement each. After a rollback call `reset`: what is in memory is read anew.
 */
export class SqliteQueues {
  readonly #file: SqliteFile;
  readonly #windows = new Map<string, DeliveryWindow>();
  /** Event → names of its groups, in order. */
  readonly #groups = new Map<string, readonly string[]>();
  readonly #messages = new MessageCache();
  #begun: number[] = [];
  #settled: number[] = [];

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  /** Puts a message that was just stored as `seq` into the queues of all groups of its event. */
  append(event: string, seq: number, stored: StoredMessage): void {
    const { key } = stored.message;
    const groups = this.#groupsOf(event);
    if (groups.length === 0) return;
    const { lastInsertRowid } = this.#file.run(
      'insert into deliveries (event, grp, key, message) select event, name, ?, ? from groups where event = ? order by name',
      ...[key, seq, event],
    );
    this.#messages.add(seq, stored);
    // One writer: the rows of one statement have consecutive numbers.
    const first = lastInsertRowid - groups.length + 1;
    for (const [at, group] of groups.entries()) {
      const window = this.#windows.get(nameOf(event, group));
      if (!window?.complete) continue;
      if (window.size < ROWS_IN_MEMORY)
        window.add({ seq: first + at, key, message: seq, attempts: 0, dueAt: 0 });
      else window.complete = false;
    }
  }

  due(event: string, group: string, now: number, busy: ReadonlySet<string>, limit: number): StoredDelivery[] {
    const window = this.#window(event, group);
    let found = window.due(now, busy, limit);
    while (found.length < limit && !window.complete) {
      this.#load(window, event, group);
      found = window.due(now, busy, limit);
    }
    return found.map(({ seq, attempts, message }) => ({ seq, attempts, ...this.#message(message) }));
  }

  nextDueAt(event: string, group: string, now: number): number | undefined {
    return this.#window(event, group).nextDueAt(now);
  }

  begin(event: string, group: string, seq: number): void {
    this.#begun.push(seq);
    const waiting = this.#windows.get(nameOf(event, group))?.get(seq);
    if (waiting) waiting.attempts += 1;
  }

  settle(event: string, group: string, seq: number): void {
    this.#settled.push(seq);
    this.#windows.get(nameOf(event, group))?.remove(seq);
  }

  retryAt(event: string, group: string, seq: number, at: number): void {
    this.#file.run('update deliveries set due_at = ? where seq = ?', at, seq);
    this.#windows.get(nameOf(event, group))?.putOff(seq, at);
  }

  /** Rows of the group were added or taken away by others: its front is read anew when it is needed. */
  changed(event: string, group: string): void {
    this.flush();
    this.#windows.delete(nameOf(event, group));
    this.#groups.delete(event);
  }

  /** Writes what was noted. */
  flush(): void {
    if (this.#begun.length > 0)
      this.#file.run(
        'update deliveries set attempts = attempts + 1 where seq in (select value from json_each(?))',
        JSON.stringify(this.#begun),
      );
    if (this.#settled.length > 0)
      this.#file.run(
        'delete from deliveries where seq in (select value from json_each(?))',
        JSON.stringify(this.#settled),
      );
    this.#begun = [];
    this.#settled = [];
  }

  reset(): void {
    this.#windows.clear();
    this.#groups.clear();
    // A number that was rolled back is given again, to another message.
    this.#messages.clear();
    this.#begun = [];
    this.#settled = [];
  }

  #groupsOf(event: string): readonly string[] {
    let groups = this.#groups.get(event);
    if (!groups) {
      const rows = this.#file.all('select name from groups where event = ? order by name', event);
      groups = rows.map(({ name }) => name as string);
      this.#groups.set(event, groups);
    }
    return groups;
  }

  #window(event: string, group: string): DeliveryWindow {
    const name = nameOf(event, group);
    let window = this.#windows.get(name);
    if (!window) {
      window = new DeliveryWindow();
      this.#windows.set(name, window);
      this.#load(window, event, group);
    }
    return window;
  }

  #load(window: DeliveryWindow, event: string, group: string): void {
    this.flush();
    const rows = this.#file.all(
      `select seq, key, message, attempts, due_at as dueAt from deliveries indexed by deliveries_in_order
       where event = ? and grp = ? and seq > ? order by seq limit ?`,
      ...[event, group, window.last, ROWS_AT_ONCE],
    );
    for (const row of rows) window.add(row as unknown as Waiting);
    window.complete = rows.length < ROWS_AT_ONCE;
  }

  #message(seq: number): StoredMessage {
    const known = this.#messages.get(seq);
    if (known) return known;
    const row = this.#file.get(
      'select id, key, headers, data, published_at from messages where seq = ?',
      seq,
    );
    if (!row) throw new Error(`message ${seq} is not in the file`);
    return { message: toMessage(row), publishedAt: row.published_at as number };
  }
}

// Names have no space.
const nameOf = (event: string, group: string): string => `${event} ${group}`;
