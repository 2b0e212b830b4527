/**
 * `npm run bench:orders`: orders through their whole workflow, embedded and as a mesh, and what the parts could do at most,
 * measured in the same run. benchmarks/README.md says how to read it.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../scripts/cli/service-files.ts';
import { machine } from '../report.ts';
import { ceilings } from './ceilings.ts';
import { cluster } from './cluster.ts';
import { embedded } from './embedded.ts';
import { figuresOf, table } from './table.ts';

export interface OrdersOptions {
  readonly quick: boolean;
  /** Figures for a program instead of a table. */
  readonly json: boolean;
  /** Keep the table beside this file, for the README. */
  readonly save: boolean;
}

/** @returns the report. @throws Error when an order does not end confirmed: then there is nothing to measure. */
export async function orders({ quick, json, save }: OrdersOptions): Promise<string> {
  const parent = join(projectRoot, '.data', 'bench');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'orders-'));
  const many = quick ? 1 : 3;
  try {
    const figures = figuresOf({
      ceilings: await ceilings(folder, 1_000 * many),
      embedded: await embedded(join(folder, 'embedded'), { warmUp: 200, orders: 300 * many, inFlight: 32 }),
      cluster: await cluster(join(folder, 'cluster'), { warmUp: 100, orders: 150 * many, inFlight: 16 }),
    });
    const text = table(figures);
    if (save)
      await writeFile(
        fileURLToPath(new URL('latest.md', import.meta.url)),
        `${new Date().toISOString().slice(0, 10)}, ${machine().replaceAll('\n', '; ')}\n\n${text}\n`,
      );
    return json ? JSON.stringify(figures) : text;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
