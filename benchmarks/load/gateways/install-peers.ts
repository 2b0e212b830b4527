import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../../scripts/infra/child.ts';

const folder = fileURLToPath(new URL('../peers', import.meta.url));

/**
 * Installs the peers beside their lockfile, once: they are hundreds of packages that nobody else needs.
 *
 * @returns their folder.
 * @throws Error with npm's own words when it cannot.
 */
export async function installPeers(): Promise<string> {
  const installed = join(folder, 'node_modules/.package-lock.json');
  const wanted = join(folder, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return folder;
  process.stderr.write('installing the peers into benchmarks/load/peers (once, some minutes) …\n');
  const npm = startChild('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  await npm.exited;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return folder;
  throw new Error(`The peers cannot be installed:\n${npm.output().slice(-2_000)}`);
}
