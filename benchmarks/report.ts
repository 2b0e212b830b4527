/** What every benchmark says about its figures: on which machine, with which versions, at which percentiles. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';

const require = createRequire(import.meta.url);

/** One line each for the machine and the versions that matter. */
export function machine(): string {
  const [cpu] = cpus();
  const version = (name: string) => {
    // Not every package exports its package.json: it is read from where the package's entry is.
    const entry = require.resolve(name);
    const at = entry.lastIndexOf(`node_modules/${name}/`);
    const file = `${entry.slice(0, at)}node_modules/${name}/package.json`;
    return `${name} ${JSON.parse(readFileSync(file, 'utf8')).version}`;
  };
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `machine: ${cpus().length} × ${cpu?.model.trim()}, ${memory} GB, ${process.platform} ${process.arch}`,
    `versions: node ${process.versions.node}, ${['moleculer', 'graphql', '@apollo/composition', 'nats'].map(version).join(', ')}`,
  ].join('\n');
}

/** The smallest value that `share` (0 to 1) of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `name   p50 12 ms   p99 30 ms   max 31 ms   (n = 20)` */
export function summary(name: string, milliseconds: readonly number[]): string {
  const at = (share: number) => `${Math.round(percentile(milliseconds, share))} ms`.padStart(8);
  return `${name.padEnd(44)} p50 ${at(0.5)}   p99 ${at(0.99)}   max ${at(1)}   (n = ${milliseconds.length})`;
}
