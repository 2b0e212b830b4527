/**
 * Finds the real servers that `npm test` and `npm run cluster` talk to, so that nobody installs them by hand:
 * a path given in the environment, the PATH, this project's cache, the Debian package unpacked into that cache.
 */
import { execFile } from 'node:child_process';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type DebianPackages, unpackDebianPackages } from './debian.ts';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/infra/', import.meta.url));

/** What takes longer hangs. Generous: on a busy machine a slow answer would have it all fetched again. */
const VERSION_MS = 60_000;

/** How one program is found. */
export interface Program {
  readonly name: string;
  /** Environment variable that names the binary and wins over everything else. */
  readonly variable: string;
  /** Arguments that print the version. */
  readonly versionArgs: readonly string[];
  /** Oldest version that will do, as [major, minor, patch]; with the reason, for the message. */
  readonly atLeast: readonly [number, number, number];
  readonly because: string;
  readonly debian: DebianPackages & { readonly path: string };
  /** Further folders to look in; `*` stands for one path segment. */
  readonly folders?: readonly string[];
  /** What to tell a person on another system. */
  readonly install: string;
}

export const natsServer: Program = {
  name: 'nats-server',
  variable: 'NATS_SERVER_BIN',
  versionArgs: ['--version'],
  atLeast: [2, 10, 0],
  because: 'durable JetStream needs sync_interval',
  debian: { suite: 'trixie', packages: ['nats-server'], path: 'usr/sbin/nats-server' },
  folders: ['/usr/sbin', '/usr/local/sbin'],
  install: 'brew install nats-server, or a release of github.com/nats-io/nats-server',
};

export const consulAgent: Program = {
  name: 'consul',
  variable: 'CONSUL_BIN',
  versionArgs: ['version'],
  atLeast: [1, 8, 0],
  because: 'older ones were never tried',
  debian: { suite: 'bullseye', packages: ['consul'], path: 'usr/bin/consul' },
  install: 'brew install consul, or a release of github.com/hashicorp/consul',
};

/** Thrown when a program is nowhere and cannot be fetched; the message tells what was tried and what to install. */
export class ProgramNotFoundError extends Error {
  override readonly name = 'ProgramNotFoundError';
}

const found = new Map<string, Promise<string>>();

/** Absolute path of a working binary; looked for once per process. Safe to call from many processes at once. */
export function findProgram(program: Program): Promise<string> {
  let path = found.get(program.name);
  if (!path) {
    path = locate(program);
    found.set(program.name, path);
  }
  return path;
}

async function locate(program: Program): Promise<string> {
  const given = process.env[program.variable];
  if (given) {
    if (await works(given, program)) return given;
    throw new ProgramNotFoundError(
      `${program.variable}=${given} is not a working ${program.name} ≥ ${program.atLeast.join('.')}`,
    );
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...(await expand(program.folders ?? []))];
  for (const folder of folders) {
    const path = join(folder, program.name);
    if (folder && (await works(path, program))) return path;
  }
  const target = join(CACHE, program.name);
  const cached = join(target, program.debian.path);
  if (await works(cached, program)) return cached;
  try {
    await unpackDebianPackages(program.debian, target, () => works(cached, program));
  } catch (cause) {
    throw missing(program, cause);
  }
  if (await works(cached, program)) return cached;
  throw missing(program, new Error('the unpacked binary does not run'));
}

function missing(program: Program, cause: unknown): ProgramNotFoundError {
  const why = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
  const wanted = `${program.name} ≥ ${program.atLeast.join('.')} (${program.because})`;
  return new ProgramNotFoundError(
    `${wanted} is not on the PATH, not in .cache/infra, and not to be had from Debian (${why}). ` +
      `Install it: ${program.install}; or name the binary in ${program.variable}.`,
    { cause },
  );
}

async function works(path: string, program: Program): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    if (!(await stat(path)).isFile()) return false;
    const { stdout, stderr } = await run(path, [...program.versionArgs], { timeout: VERSION_MS });
    const version = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout + stderr);
    if (!version) return false;
    const [major, minor, patch] = [Number(version[1]), Number(version[2]), Number(version[3] ?? 0)];
    const [a, b, c] = program.atLeast;
    return major !== a ? major > a : minor !== b ? minor > b : patch >= c;
  } catch {
    return false;
  }
}

async function expand(patterns: readonly string[]): Promise<string[]> {
  const out: string[] = [];
  for (const pattern of patterns) {
    const [head, tail] = pattern.split('*', 2);
    if (tail === undefined || head === undefined) out.push(pattern);
    else for (const name of await readdir(head).catch(() => [])) out.push(join(head, name, tail));
  }
  return out;
}
