/** Kysely on Node's own SQLite. */
import { DatabaseSync } from 'node:sqlite';
import { type Driver, SqliteAdapter, SqliteDialect } from 'kysely';
import { GroupCommitDriver } from './sqlite-driver.ts';

/** How long a statement waits for another process's write, in ms. It blocks this process's event loop meanwhile. */
const BUSY_TIMEOUT = 5_000;

export class NodeSqliteDialect extends SqliteDialect {
  readonly #path: string;

  /** @param path of the file, made when missing. */
  constructor(path: string) {
    super({ database: async () => Promise.reject(new Error('the driver below opens it')) });
    this.#path = path;
  }

  override createDriver(): Driver {
    return new GroupCommitDriver(() => open(this.#path));
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

class TransactionalDdlAdapter extends SqliteAdapter {
  /** Lets the Migrator run in one immediate transaction: of replicas that start together one migrates, the rest wait. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /** There is one, and the driver says whose turn it is: Kysely would not let the next in before the last one's commit. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
  useWriteAheadLog(database);
  // `synchronous` stays at SQLite's default, full: an order that was confirmed survives a power failure.
  return database;
}

/** The switch needs the file for itself and, unlike everything else, does not wait for it by the busy timeout. */
function useWriteAheadLog(database: DatabaseSync): void {
  const deadline = Date.now() + BUSY_TIMEOUT;
  for (;;) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!/locked|busy/.test(String(error)) || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
