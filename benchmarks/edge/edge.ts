/**
 * What the HTTP edge itself costs: the gateway with an engine that has its answer at hand, beside a bare node:http server
 * that reads the same request and writes the same answer. In turns, so that what disturbs the machine disturbs both.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startClients } from '../load/client/clients.ts';
import { processStats } from '../load/process-stats.ts';
import { percentile } from '../report.ts';
import { ANSWER, type EdgeReady } from './messages.ts';

const CONNECTIONS = 20;
const WARM_UP_MS = 1_500;
const MEASURED_MS = 2_500;

/** @param rounds of each side; the median counts. */
export async function edge(rounds: number): Promise<string> {
  await using bare = await startSide('bare');
  await using gateway = await startSide('edge');
  await using clients = startClients();
  const sides = [
    { label: 'bare node:http', ...bare, headers: undefined },
    { label: 'the edge, anonymous', ...gateway, headers: undefined },
    { label: 'the edge, with a token', ...gateway, headers: { authorization: `Bearer ${gateway.token}` } },
  ].map((side) => ({ ...side, costs: [] as number[], rates: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { port, pid, headers, costs, rates } of sides) {
      let [from, to] = [0, 0];
      const end = await clients.run(
        {
          load: {
            port,
            path: '/graphql',
            body: JSON.stringify({ query: '{topProducts{name}}' }),
            ...(headers && { headers }),
          },
          right: ANSWER,
          connections: CONNECTIONS,
          warmUpMs: WARM_UP_MS,
          ms: MEASURED_MS,
        },
        () => {
          from = processStats(pid).cpu;
        },
        () => {
          to = processStats(pid).cpu;
        },
      );
      if (end.failure !== undefined || end.wrong > 0) throw new Error(end.failure ?? end.example ?? 'wrong');
      costs.push((to - from) / end.answers);
      rates.push(end.answers / end.seconds);
    }
  }
  const floor = percentile(sides[0]!.costs, 0.5);
  return sides
    .map(({ label, costs, rates }) => {
      const cost = percentile(costs, 0.5);
      return `${label.padEnd(24)} ${cost.toFixed(0).padStart(4)} CPU µs/request   ${(cost - floor).toFixed(0).padStart(4)} over bare   ${percentile(rates, 0.5).toFixed(0).padStart(6)} answers/s`;
    })
    .join('\n');
}

type Side = EdgeReady & AsyncDisposable & { readonly pid: number };

async function startSide(kind: 'bare' | 'edge'): Promise<Side> {
  const child = fork(fileURLToPath(new URL('edge-process.ts', import.meta.url)), [kind], {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' },
  });
  const [ready] = (await once(child, 'message')) as [EdgeReady];
  return {
    ...ready,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
