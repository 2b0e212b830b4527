import type { Clients } from './client/clients.ts';
import type { RunningGateway } from './gateways/run-gateway.ts';
import { type ProcessStats, processStats } from './process-stats.ts';
import type { SubgraphProcess } from './subgraphs/subgraph-process.ts';
import { type QueryName, queries } from './workload/queries.ts';

/** One gateway under one query for some seconds. */
export interface Sample {
  readonly answers: number;
  readonly seconds: number;
  /** The gateway's own CPU time, its children's included, in µs. */
  readonly cpu: number;
  /** In ms. */
  readonly p50: number;
  readonly p99: number;
  /** Requests that the subgraphs got for each answer. */
  readonly subgraphRequests: number;
  /** Resident at the end, in MiB. */
  readonly memory: number;
  readonly wrong: number;
  readonly example: string | undefined;
}

export interface Slot {
  readonly connections: number;
  readonly warmUpMs: number;
  readonly ms: number;
}

/** @throws Error when many answers are wrong or a connection breaks. */
export async function measure(
  running: RunningGateway,
  query: QueryName,
  right: string,
  slot: Slot,
  clients: Clients,
  subgraphs: SubgraphProcess,
): Promise<Sample> {
  let [from, to]: [ProcessStats, ProcessStats] = [processStats(running.pid), { cpu: 0, memory: 0 }];
  const countedBefore = await subgraphs.count();
  const end = await clients.run(
    {
      load: { port: running.port, path: '/graphql', body: JSON.stringify({ query: queries[query] }) },
      right,
      ...slot,
    },
    () => {
      from = processStats(running.pid);
    },
    () => {
      to = processStats(running.pid);
    },
  );
  if (end.failure !== undefined) {
    throw new Error(`${end.failure}${running.output().slice(-500)}`);
  }
  return {
    answers: end.answers,
    seconds: end.seconds,
    cpu: to.cpu - from.cpu,
    p50: end.p50,
    p99: end.p99,
    subgraphRequests: ((await subgraphs.count()) - countedBefore) / end.all,
    memory: to.memory,
    wrong: end.wrong,
    example: end.example,
  };
}
