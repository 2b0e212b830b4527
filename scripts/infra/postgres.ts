/** A disposable PostgreSQL on loopback. It refuses to run as root, so root runs it as `nobody`. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Child, startChild, untilReady } from './child.ts';
import { unpackDebianPackages } from './debian.ts';
import { ProgramNotFoundError } from './find-program.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/infra/postgres', import.meta.url));
/** Where Debian and its kin keep versions beside each other. */
const VERSIONS = '/usr/lib/postgresql';
const DEBIAN = { suite: 'bookworm', packages: ['postgresql-15'], dependencies: true };

export interface PostgresServer extends AsyncDisposable {
  /** postgres://postgres@127.0.0.1:PORT/postgres */
  readonly url: string;
  /** Makes an empty database. @returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** SIGINT is PostgreSQL's "fast", SIGQUIT its "immediate": no farewell to anybody, the next start recovers. */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Again, on the same port and data. */
  start(): Promise<void>;
  /** Resolves when the process that runs now has ended. */
  exited(): Promise<void>;
  output(): string;
}

interface Binaries {
  readonly folder: string;
  /** Lets unpacked binaries find the libraries that were unpacked with them. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * @param options.port a free one by default.
 * @param options.maxConnections 100 by default.
 */
export async function startPostgres(
  options: { readonly port?: number; readonly maxConnections?: number } = {},
): Promise<PostgresServer> {
  const { folder, env } = await findPostgres();
  const owner = await unprivileged();
  const work = await mkdtemp(join(tmpdir(), 'postgres-'));
  if (owner) await chown(work, owner.uid, owner.gid);
  const data = join(work, 'data');
  const how = { env: { ...process.env, ...env }, cwd: work, ...owner };
  const dispose = () => rm(work, { recursive: true, force: true, maxRetries: 5 });
  let child: Child;
  const port = options.port ?? (await freePort());
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const start = async () => {
    // No fsync: what a power failure would lose is thrown away anyway.
    const settings = ['fsync=off', 'full_page_writes=off', 'shared_buffers=32MB'];
    child = startChild(
      join(folder, 'postgres'),
      [
        ...['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', work],
        ...[...settings, `max_connections=${options.maxConnections ?? 100}`].flatMap((s) => ['-c', s]),
      ],
      how,
    );
    await untilReady(child, () => query(url, 'select 1'));
  };
  try {
    const flags = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await finish(join(folder, 'initdb'), [`--pgdata=${data}`, ...flags], how);
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url,
    output: () => child.output(),
    start,
    stop: (signal = 'SIGINT') => child.end(signal),
    exited: () => child.exited,
    async createDatabase(name) {
      await query(url, `create database "${name.replaceAll('"', '""')}"`);
      return url.replace(/postgres$/, encodeURIComponent(name));
    },
    async [Symbol.asyncDispose]() {
      // SIGINT is PostgreSQL's "fast": it does not wait for clients.
      await child.end('SIGINT');
      await dispose();
    },
  };
}

/** A folder with `initdb` and `postgres` that run: POSTGRES_BIN_DIR, PATH, /usr/lib/postgresql/N, this project's cache. */
export async function findPostgres(): Promise<Binaries> {
  const given = process.env.POSTGRES_BIN_DIR;
  const versions = await readdir(VERSIONS).catch(() => []);
  const folders = given
    ? [given]
    : [
        ...(process.env.PATH ?? '').split(delimiter),
        ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(VERSIONS, version, 'bin')),
      ];
  for (const folder of folders) {
    const found = folder && (await works({ folder, env: {} }));
    if (found) return found;
  }
  if (given) throw new ProgramNotFoundError(`POSTGRES_BIN_DIR=${given} has no initdb and postgres that run`);
  let why = 'the unpacked binaries do not run';
  try {
    const cached = await unpacked();
    if (cached) return cached;
    await unpackDebianPackages(DEBIAN, CACHE, async () => (await unpacked()) !== undefined);
    const fresh = await unpacked();
    if (fresh) return fresh;
  } catch (error) {
    why = (error as Error).message.split('\n', 1)[0] ?? '';
  }
  throw new ProgramNotFoundError(
    `PostgreSQL is not on the PATH, not in ${VERSIONS}, not in .cache/infra, and not to be had from Debian (${why}). ` +
      'Install it, or name the folder of initdb and postgres in POSTGRES_BIN_DIR; SKIP_POSTGRES=1 does without.',
  );
}

async function unpacked(): Promise<Binaries | undefined> {
  const lib = join(CACHE, 'usr/lib');
  const triplet = (await readdir(lib).catch(() => [])).find((name) => name.includes('-linux-'));
  const [version] = await readdir(join(lib, 'postgresql')).catch(() => []);
  if (!triplet || !version) return undefined;
  return works({
    folder: join(lib, 'postgresql', version, 'bin'),
    env: { LD_LIBRARY_PATH: join(lib, triplet) },
  });
}

async function works({ folder, env }: Binaries): Promise<Binaries | undefined> {
  try {
    // A link on the PATH leads to where `initdb` and `postgres` stand beside each other.
    const real = dirname(await realpath(join(folder, 'initdb')));
    for (const name of ['initdb', 'postgres'])
      await run(join(real, name), ['--version'], { env: { ...process.env, ...env }, timeout: 60_000 });
    return { folder: real, env };
  } catch {
    return undefined;
  }
}

async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'nobody'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function finish(command: string, args: readonly string[], options: object): Promise<void> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} failed (${code}):\n${errors.slice(-2_000)}`);
}

async function query(url: string, text: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  // The server may go away between two statements; `end` below is enough then.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(text);
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
