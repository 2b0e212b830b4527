/** `npm run chaos`: a shop of real processes, orders and faults; then whether anything was lost. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { figuresOf, table } from './chaos/report.ts';
import { type ChaosResult, runChaos } from './chaos/run.ts';
import { runCommand, UsageError } from './cli/run.ts';
import { findServiceFiles, shopFolder } from './cli/service-files.ts';
import { stopOnSignal } from './cli/shutdown.ts';
import { holds } from './load/report.ts';

const help = `usage: npm run chaos -- [--orders N] [--faults N] [--seed N] [--database postgres|sqlite] [--json]

Starts a shop of its own: NATS, Consul, PostgreSQL, and every service and gateway in processes of their own. Clients place orders
and ask again until they have an answer, while processes are killed and paused, servers restarted and services made to
misbehave. Then it compares every client's view, the orders, stock and money. Exits with 1 if anything is wrong.

  --orders    in all (300)
  --faults    in all, spread over the orders (20)
  --seed      of faults and orders: the same seed plans the same again (1)
  --clients   at the same time (16)
  --database  postgres: two processes of each service (default); sqlite: one of each, for they share one file
  --replicas  how many processes, as orders=3,gateway=2, in place of two of each
  --within    seconds after the last fault in which every order must be final (60)
  --keep      keeps data and logs when all is well, too
  --json      the result on stdout as JSON, progress on stderr`;

const databases = ['postgres', 'sqlite'] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      orders: { type: 'string', default: '300' },
      faults: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      clients: { type: 'string', default: '16' },
      database: { type: 'string', default: 'postgres' },
      replicas: { type: 'string' },
      within: { type: 'string', default: '60' },
      keep: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const { json = false } = values;
  const database = databases.find((each) => each === values.database);
  if (!database) throw new UsageError(`--database takes ${databases.join(' or ')}, not ${values.database}`);
  const number = (name: 'orders' | 'faults' | 'seed' | 'clients' | 'within', from: number): number => {
    const text = values[name];
    if (!/^\d{1,6}$/.test(text) || Number(text) < from)
      throw new UsageError(`--${name} takes a whole number from ${from} to 999999, not ${text}`);
    return Number(text);
  };
  const wanted = {
    ...{ seed: number('seed', 0), orders: number('orders', 1), faults: number('faults', 0) },
    ...{ clients: number('clients', 1), within: number('within', 1) * 1_000, database },
    replicas: values.replicas ?? (await defaultReplicas(database)),
  } as const;

  const folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  const interrupted = new AbortController();
  const finished = Promise.withResolvers<void>();
  stopOnSignal(
    () => {
      interrupted.abort();
      return finished.promise;
    },
    { graceMs: 60_000 },
  );
  const began = performance.now();
  const report = (line: string) => {
    const time = `${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} s`;
    (json ? process.stderr : process.stdout).write(`${time}  ${line}\n`);
  };
  try {
    report(
      `seed ${wanted.seed}: ${wanted.orders} orders, ${wanted.faults} faults, ${database}; logs in ${folder}`,
    );
    const result = await runChaos({ ...wanted, folder, signal: interrupted.signal, report });
    await conclude(result, folder, { json, keep: values.keep ?? false });
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  } finally {
    finished.resolve();
  }
}

/** On SQLite one process of each: they may share a file of one machine, but that is a lock more and not a replica more. */
async function defaultReplicas(database: (typeof databases)[number]): Promise<string> {
  if (database === 'sqlite') return 'gateway=2';
  return [...(await findServiceFiles(shopFolder)).keys(), 'gateway'].map((unit) => `${unit}=2`).join();
}

async function conclude(
  result: ChaosResult,
  folder: string,
  { json, keep }: { readonly json: boolean; readonly keep: boolean },
): Promise<void> {
  const { violations, checks, orders, history, sagas, audit, injected } = result;
  const wrong = violations.length > 0 || !checks.every(holds);
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...figuresOf(result), checks, cases: violations })}\n`
      : `\n${table(result)}\n`,
  );
  if (!wrong && !keep) return rm(folder, { recursive: true, force: true });

  const cases = violations.map((violation) => {
    const place = history.find(
      ({ kind, answer }) => kind === 'place' && answer.kind === 'order' && answer.id === violation.id,
    );
    const number = violation.order ?? place?.order;
    return {
      ...violation,
      history: history.filter(({ order }) => order === number),
      order: orders.find(({ id }) => id === violation.id),
      saga: violation.id && sagas[violation.id],
    };
  });
  const file = join(folder, 'evidence.json');
  await writeFile(file, JSON.stringify({ cases, injected, orders, ...audit, checks }, null, 2));
  const lines = [
    ...violations
      .slice(0, 20)
      .map(({ kind, what, order, id }) => `${kind}: ${what} (order ${order ?? '?'}, ${id ?? '?'})`),
    `evidence in ${file}, logs in ${join(folder, 'logs')}, history in ${join(folder, 'history.jsonl')}`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  if (wrong) process.exitCode = 1;
}

await runCommand(main);
