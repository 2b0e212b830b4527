/** Kysely's driver for one SQLite file: one transaction at a time, and one sync to the disk for many of them. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';

/** The transactions that one COMMIT makes durable. */
interface Group {
  readonly durable: Promise<void>;
  settle(error?: unknown): void;
}

interface Statement {
  readonly statement: StatementSync;
  readonly reader: boolean;
}

/** More are forgotten and prepared anew: a list of another length (`in (?, ?)`) is another statement. */
const STATEMENTS = 500;
const WRITES = /^\s*(insert|update|delete)\b/i;

/**
 * Group commit. A sync costs more than all statements of a transaction, and blocks the event loop. So transactions that begin in one
 * turn of the loop run one after the other inside one of SQLite's, each in a savepoint of its own, and are committed together
 * when the turn is over. Nobody is answered before that: whatever was answered survives a power failure, reads of a
 * neighbour's writes included.
 */
export class GroupCommitDriver implements Driver {
  readonly #open: () => DatabaseSync;
  readonly #statements = new Map<string, Statement>();
  readonly #waiting: (() => void)[] = [];
  /** Used again: Kysely remembers each connection that it has seen. */
  readonly #idle: GroupedConnection[] = [];
  #database: DatabaseSync | undefined;
  #locked = false;
  #group: Group | undefined;

  constructor(open: () => DatabaseSync) {
    this.#open = open;
  }

  async init(): Promise<void> {
    this.#database = this.#open();
  }

  async acquireConnection(): Promise<GroupedConnection> {
    return this.#idle.pop() ?? new GroupedConnection(this);
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as GroupedConnection).begin();
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as GroupedConnection).commit();
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as GroupedConnection).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#idle.push(connection as GroupedConnection);
  }

  async destroy(): Promise<void> {
    await this.lock();
    this.#commit();
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
    this.unlock();
  }

  /** First come, first served. */
  lock(): Promise<void> {
    if (this.#locked) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#locked = true;
    return Promise.resolve();
  }

  unlock(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#locked = false;
  }

  get group(): Group | undefined {
    return this.#group;
  }

  /** Call it with the lock. The write lock is taken at once: taken at the first write, it would fail where another process has written. */
  join(): Group {
    if (this.#group) return this.#group;
    this.run('begin immediate');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => undefined);
    this.#group = { durable: promise, settle: (error) => (error === undefined ? resolve() : reject(error)) };
    setImmediate(async () => {
      await this.lock();
      this.#commit();
      this.unlock();
    });
    return this.#group;
  }

  /** Call it with the lock. */
  run(sql: string, parameters: readonly unknown[] = []): QueryResult<never> {
    try {
      const { statement, reader } = this.#prepared(sql);
      if (reader) return { rows: statement.all(...(parameters as SQLInputValue[])) as never[] };
      const { changes, lastInsertRowid } = statement.run(...(parameters as SQLInputValue[]));
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      // A full disk, say: SQLite has rolled back everything, the neighbours' work too.
      if (this.#group && !this.#database?.isTransaction) this.#end(error);
      throw error;
    }
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    if (!this.#database) throw new Error('the database is not open');
    const statement = this.#database.prepare(sql);
    const prepared = { statement, reader: statement.columns().length > 0 };
    const [oldest] = this.#statements.size >= STATEMENTS ? this.#statements.keys() : [];
    if (oldest !== undefined) this.#statements.delete(oldest);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  #commit(): void {
    if (!this.#group) return;
    try {
      this.run('commit');
      this.#end();
    } catch (error) {
      if (this.#database?.isTransaction) this.run('rollback');
      this.#end(error);
    }
  }

  #end(error?: unknown): void {
    this.#group?.settle(error);
    this.#group = undefined;
  }
}

/** Holds the lock through a transaction, or for one statement outside of any. */
class GroupedConnection implements DatabaseConnection {
  readonly #driver: GroupCommitDriver;
  /** Of the transaction under way. */
  #group: Group | undefined;

  constructor(driver: GroupCommitDriver) {
    this.#driver = driver;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#group) return this.#driver.run(sql, parameters);
    await this.#driver.lock();
    try {
      const group = WRITES.test(sql) ? this.#driver.join() : this.#driver.group;
      const result = this.#driver.run(sql, parameters);
      return group ? group.durable.then(() => result) : result;
    } finally {
      this.#driver.unlock();
    }
  }

  async begin(): Promise<void> {
    await this.#driver.lock();
    try {
      this.#group = this.#driver.join();
      this.#driver.run('savepoint own');
    } catch (error) {
      this.#group = undefined;
      this.#driver.unlock();
      throw error;
    }
  }

  async commit(): Promise<void> {
    const group = this.#group;
    if (!group) return;
    this.#driver.run('release own');
    this.#group = undefined;
    this.#driver.unlock();
    await group.durable;
  }

  async rollback(): Promise<void> {
    // Nothing is left to undo when the group failed: at its commit, or with one of our own statements.
    const group = this.#group;
    if (!group) return;
    this.#group = undefined;
    try {
      if (this.#driver.group === group) {
        this.#driver.run('rollback to own');
        this.#driver.run('release own');
      }
    } finally {
      this.#driver.unlock();
    }
  }

  // biome-ignore lint/correctness/useYield: nobody streams out of a file that one transaction at a time may use.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('SQLite does not stream here');
  }
}
