/**
 * A headless Chromium for the browser tests, found like the servers are: a path in CHROMIUM_BIN, the PATH, this
 * project's cache, the Debian package with its libraries and a font unpacked into that cache.
 */
import { execFile } from 'node:child_process';
import { access, constants, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unpackDebianPackages } from './debian.ts';
import { ProgramNotFoundError } from './find-program.ts';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/infra/chromium/', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

export interface Chromium {
  readonly path: string;
  /** Environment it needs: an unpacked one finds its libraries and fonts by it. */
  readonly env: Readonly<Record<string, string>>;
}

/** No sandbox (tests run as root in containers), no traffic of its own, loopback pages only. */
export const chromiumFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

/** @throws ProgramNotFoundError whose message says what was tried and what to install. */
export async function findChromium(): Promise<Chromium> {
  const given = process.env.CHROMIUM_BIN;
  if (given) {
    if (await works({ path: given, env: {} })) return { path: given, env: {} };
    throw new ProgramNotFoundError(`CHROMIUM_BIN=${given} is not a working Chromium`);
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of NAMES) {
      const candidate = { path: join(folder, name), env: {} };
      if (folder && (await works(candidate))) return candidate;
    }
  // Not run to see whether it works: unpacking is atomic, and on a busy machine a slow start would fetch it all again.
  const cached = await unpacked();
  if (cached) return cached;
  let why = 'the unpacked binary does not run';
  try {
    const suite = await releaseName();
    const packages = ['chromium', 'fonts-dejavu-core'];
    await unpackDebianPackages(
      { suite, packages, dependencies: true },
      CACHE.replace(/\/$/, ''),
      async () => (await unpacked()) !== undefined,
    );
    const fresh = await unpacked();
    if (fresh && (await works(fresh))) return fresh;
  } catch (error) {
    why = (error as Error).message.split('\n', 1)[0] ?? '';
  }
  throw new ProgramNotFoundError(
    `chromium is not on the PATH, not in .cache/infra, and not to be had from Debian (${why}). ` +
      'Install Chromium or Chrome, or name the binary in CHROMIUM_BIN.',
  );
}

/** The suite of this machine, whose libraries the unpacked ones must fit. */
async function releaseName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^VERSION_CODENAME=(\w+)/m.exec(text)?.[1] ?? 'bookworm';
}

async function unpacked(): Promise<Chromium | undefined> {
  const triplets = await readdir(join(CACHE, 'usr/lib')).catch(() => []);
  const triplet = triplets.find((name) => name.endsWith('-linux-gnu'));
  const path = join(CACHE, 'usr/lib/chromium/chromium');
  if (
    !triplet ||
    !(await access(path, constants.X_OK).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  // Fonts of this project's cache only: a machine without any would show no text at all.
  const fonts = join(CACHE, 'fonts.conf');
  await writeFile(
    fonts,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>` +
      `<dir>${join(CACHE, 'usr/share/fonts')}</dir><cachedir>${join(CACHE, 'font-cache')}</cachedir></fontconfig>`,
  );
  const libraries = [`usr/lib/${triplet}`, `lib/${triplet}`, `usr/lib/${triplet}/pulseaudio`];
  const chromium = {
    path,
    env: {
      LD_LIBRARY_PATH: libraries.map((path) => join(CACHE, path)).join(':'),
      FONTCONFIG_FILE: fonts,
    },
  };
  return chromium;
}

async function works({ path, env }: Chromium): Promise<boolean> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 60_000, env: { ...process.env, ...env } });
    return /chrom/i.test(stdout);
  } catch {
    return false;
  }
}
