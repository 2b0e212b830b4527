/**
 * Unpacks Debian packages into a folder of this project: no root, no change to the system.
 *
 * The machine's own mirror is read from its apt sources and asked for other suites, because a distribution often
 * ships a server that is too old (nats-server in bookworm) or not at all (consul after bullseye).
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { withFetchLock } from './fetch-lock.ts';

const run = promisify(execFile);
const SOURCES = '/etc/apt/sources.list.d';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The first mirror this machine's own apt uses for Debian proper, or undefined where there is none. */
async function mirrorUri(): Promise<string | undefined> {
  const names = await readdir(SOURCES).catch(() => []);
  const files = [
    ...names.filter((n) => /\.(list|sources)$/.test(n)).map((n) => join(SOURCES, n)),
    '/etc/apt/sources.list',
  ];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const uri = /^URIs:\s*(\S+)/m.exec(text)?.[1] ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/m.exec(text)?.[1];
    if (uri?.replace(/\/$/, '').endsWith('/debian')) return uri;
  }
  return undefined;
}

export interface DebianPackages {
  readonly suite: string;
  /** The first one gives the messages their name. */
  readonly packages: readonly string[];
  /** Whatever those packages need and this machine does not have comes along. */
  readonly dependencies?: boolean;
}

/** Seconds before each further attempt: a mirror that does not answer now often does soon. */
const WAITS = [2, 5, 15];
/** Seconds of silence after which a person wonders. */
const TELL_EVERY = 15;

/**
 * Downloads packages and unpacks them below `target`, replaced atomically when all went well. Safe to call from many
 * processes at once: one fetches, and the others wait for it. Tries again with backoff, and says on stderr what it does.
 *
 * @param isThere whether `target` is as it should be: nothing is fetched then.
 * @throws Error whose message says which step failed, when this is not Debian or the mirror does not answer.
 */
export async function unpackDebianPackages(
  what: DebianPackages,
  target: string,
  isThere: () => Promise<boolean>,
): Promise<void> {
  const uri = await mirrorUri();
  if (!uri) throw new Error('no Debian mirror in /etc/apt');
  await mkdir(dirname(target), { recursive: true });
  await withFetchLock(target, async () => {
    for (let tries = 0; !(await isThere()); tries += 1) {
      try {
        return await told(what, () => fetchOnce(uri, what, target, isThere));
      } catch (error) {
        const wait = WAITS[tries];
        // Without apt no attempt can do better.
        if (wait === undefined || (error as NodeJS.ErrnoException).code === 'ENOENT')
          throw new Error(lastLine(error), { cause: error });
        tell(`fetching ${what.packages[0]} failed (${lastLine(error)}); once more in ${wait} s …`);
        await delay(wait * 1_000);
      }
    }
  });
}

const tell = (text: string) => void process.stderr.write(`${text}\n`);
/** Of apt's many lines the last says what was wrong. */
const lastLine = (error: unknown) => (error as Error).message.trim().split('\n').at(-1);

async function told({ packages: [name], suite }: DebianPackages, work: () => Promise<void>): Promise<void> {
  tell(`fetching ${name} (Debian ${suite}) into .cache/infra …`);
  const since = performance.now();
  const timer = setInterval(() => {
    tell(`still fetching ${name}, for ${Math.round((performance.now() - since) / 1_000)} s now …`);
  }, TELL_EVERY * 1_000);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

async function fetchOnce(
  uri: string,
  { suite, packages, dependencies }: DebianPackages,
  target: string,
  isThere: () => Promise<boolean>,
): Promise<void> {
  const work = `${target}.partial-${process.pid}`;
  const root = join(work, 'root');
  await rm(work, { recursive: true, force: true });
  for (const dir of ['lists/partial', 'cache/archives/partial', 'debs', 'root'])
    await mkdir(join(work, dir), { recursive: true });
  try {
    const list = join(work, 'private.list');
    await writeFile(list, `deb [signed-by=${KEYRING}] ${uri} ${suite} main\n`);
    const apt = [
      ...['-o', `Dir::Etc::sourcelist=${list}`, '-o', 'Dir::Etc::sourceparts=/dev/null'],
      ...['-o', `Dir::State::lists=${join(work, 'lists')}`, '-o', `Dir::Cache=${join(work, 'cache')}`],
      ...['-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=', '-o', 'Acquire::Languages=none', '-q'],
      // Without the first, `update` is content with what it could get, which may be nothing.
      ...['-o', 'APT::Update::Error-Mode=any', '-o', 'Acquire::Retries=3', '-o', 'Acquire::http::Timeout=30'],
    ];
    const debs = join(work, 'debs');
    await run('apt-get', [...apt, 'update'], { maxBuffer: 1 << 26 });
    if (dependencies) {
      const flags = ['--download-only', '--no-install-recommends', '-y', 'install', '--reinstall'];
      await run('apt-get', [...apt, '-o', `Dir::Cache::archives=${debs}`, ...flags, ...packages], {
        maxBuffer: 1 << 26,
      });
    } else {
      await run('apt-get', [...apt, 'download', ...packages], { cwd: debs, maxBuffer: 1 << 26 });
    }
    for (const deb of await readdir(debs))
      if (deb.endsWith('.deb')) await run('dpkg', ['-x', join(debs, deb), root]);
    // Somebody may have been faster: what runs by now is not taken away.
    if (await isThere()) return;
    await rm(target, { recursive: true, force: true });
    await rename(root, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
