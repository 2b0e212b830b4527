/**
 * Unpacks Debian packages into a folder of this project: no root, no change to the system.
 *
 * The machine's own mirror is read from its apt sources and asked for other suites, because a distribution often
 * ships a server that is too old (nats-server in bookworm) or not at all (consul after bullseye).
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

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

/**
 * Downloads `packages` from `suite` and unpacks them below `target` (replaced atomically when all went well).
 * With `dependencies`, whatever those packages need and this machine does not have comes along.
 *
 * @throws Error whose message says which step failed, when this is not Debian or the mirror does not answer.
 */
export async function unpackDebianPackages(options: {
  readonly suite: string;
  readonly packages: readonly string[];
  readonly target: string;
  readonly dependencies?: boolean;
}): Promise<void> {
  const { suite, packages, target } = options;
  const uri = await mirrorUri();
  if (!uri) throw new Error('no Debian mirror in /etc/apt');

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
    ];
    const debs = join(work, 'debs');
    await run('apt-get', [...apt, 'update'], { maxBuffer: 1 << 26 });
    if (options.dependencies) {
      const flags = ['--download-only', '--no-install-recommends', '-y', 'install', '--reinstall'];
      await run('apt-get', [...apt, '-o', `Dir::Cache::archives=${debs}`, ...flags, ...packages], {
        maxBuffer: 1 << 26,
      });
    } else {
      await run('apt-get', [...apt, 'download', ...packages], { cwd: debs, maxBuffer: 1 << 26 });
    }
    for (const deb of await readdir(debs))
      if (deb.endsWith('.deb')) await run('dpkg', ['-x', join(debs, deb), root]);
    await rm(target, { recursive: true, force: true });
    await rename(root, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
