/** The figures as text: a Markdown table for each query, and the versions they were taken with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/cli/service-files.ts';
import type { Gateway } from './gateways/gateway.ts';
import type { RunningGateway } from './gateways/run-gateway.ts';
import type { Sample } from './measure.ts';
import { type QueryName, queryNames } from './workload/queries.ts';

export interface Measured {
  readonly running: RunningGateway;
  /** Fifty connections, one sample a round. */
  readonly busy: Readonly<Record<QueryName, Sample[]>>;
  /** One connection. */
  readonly alone: Readonly<Record<QueryName, Sample[]>>;
}

/** CPU time of the gateway per answer in µs, over all rounds; undefined when nothing was measured. */
export function cpuPerQuery(samples: readonly Sample[]): number | undefined {
  const answers = sum(samples, ({ answers }) => answers);
  return answers > 0 ? sum(samples, ({ cpu }) => cpu) / answers : undefined;
}

export function table(measured: readonly Measured[]): string {
  return queryNames.map((query) => `### ${query}\n\n${rows(measured, query)}`).join('\n\n');
}

function rows(measured: readonly Measured[], query: QueryName): string {
  const apollo = measured.find(({ running }) => running.gateway.name === 'apollo');
  const base = apollo && cpuPerQuery(apollo.busy[query]);
  const ordered = [...measured].sort((a, b) => rank(a, query) - rank(b, query));
  const lines = ordered.map((row) => {
    const { gateway, faults } = row.running;
    const name = `${gateway.label} | ${gateway.kind === 'ceiling' ? '' : gateway.sharing}`;
    const fault = faults[query];
    if (fault !== undefined) return `| ${name} | ${oneLine(fault)} |||||||||`;
    const samples = row.busy[query];
    const cpu = cpuPerQuery(samples);
    if (cpu === undefined) return `| ${name} | not measured |||||||||`;
    const each = samples.flatMap((sample) => cpuPerQuery([sample]) ?? []);
    const cells = [
      whole(cpu),
      each.length > 1 ? `${whole(Math.min(...each))}–${whole(Math.max(...each))}` : '',
      base === undefined ? '' : `${(base / cpu).toFixed(1)}×`,
      whole(sum(samples, ({ answers }) => answers) / sum(samples, ({ seconds }) => seconds)),
      median(samples.map(({ p50 }) => p50)).toFixed(1),
      median(samples.map(({ p99 }) => p99)).toFixed(1),
      median(samples.map(({ subgraphRequests }) => subgraphRequests)).toFixed(1),
      whole(Math.max(...samples.map(({ memory }) => memory))),
      median(row.alone[query].map(({ p50 }) => p50)).toFixed(2),
    ];
    const wrong = sum(samples, (sample) => sample.wrong);
    return `| ${name} | ${cells.join(' | ')} |${wrong > 0 ? ` ${wrong} wrong: ${oneLine(samples.find((sample) => sample.wrong > 0)?.example ?? '')} |` : ''}`;
  });
  return [
    '| gateway | shared in flight | CPU µs/query | by round | vs. Apollo | answers/s | p50 ms | p99 ms | subgraph requests/query | memory MiB | alone: p50 ms |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

const rank = (row: Measured, query: QueryName): number =>
  cpuPerQuery(row.busy[query]) ?? Number.POSITIVE_INFINITY;

/** `name version`, of every package that the chosen gateways name. */
export function versions(gateways: readonly Gateway[], peersFolder: string): string {
  const seen = new Map<string, string>();
  for (const { kind, packages } of gateways) {
    for (const name of packages) seen.set(name, kind === 'peer' ? peersFolder : projectRoot);
  }
  const known = [...seen].map(([name, folder]) => {
    const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
    return `${name} ${version}`;
  });
  return `gateways: ${known.join(', ')}`;
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const oneLine = (text: string): string => text.replace(/[\s|]+/g, ' ').slice(0, 300);
