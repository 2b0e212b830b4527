/**
 * `npm run bench -- load`: gateways side by side on one machine, serving the same subgraphs and the same queries, in turns
 * within one run. The figure to trust is the gateway's own CPU time per query; benchmarks/README.md says why.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { projectRoot } from '../../scripts/cli/service-files.ts';
import { startNatsServer } from '../../scripts/infra/nats.ts';
import { chart } from './chart.ts';
import { startClients } from './client/clients.ts';
import { ceiling } from './gateways/ceiling.ts';
import type { Gateway, Setting } from './gateways/gateway.ts';
import { installPeers } from './gateways/install-peers.ts';
import { ours } from './gateways/ours.ts';
import { peers } from './gateways/peers.ts';
import { type RunningGateway, runGateway } from './gateways/run-gateway.ts';
import { measure, type Sample, type Slot } from './measure.ts';
import { subgraphs } from './subgraphs/definitions.ts';
import { startSubgraphs } from './subgraphs/subgraph-process.ts';
import { type Measured, table, versions } from './table.ts';
import { rightAnswer } from './workload/answers.ts';
import { type QueryName, queryNames } from './workload/queries.ts';

export interface LoadOptions {
  /** One short round. */
  readonly quick: boolean;
  /** Names of gateways; all when empty. */
  readonly only: readonly string[];
  /** Keep the table and the chart beside this file, for the README. */
  readonly save: boolean;
}

const gateways: readonly Gateway[] = [...ours, ...peers, ceiling];
export const gatewayNames: readonly string[] = [...new Set(gateways.map(({ name }) => name))];

const rounds = (quick: boolean): number => (quick ? 1 : 4);
/** The first time longer: compilers that work at run time are part of what is compared, their first seconds are not. */
const busy = (quick: boolean, round: number): Slot => ({
  connections: 50,
  warmUpMs: quick ? 1_000 : round === 0 ? 4_000 : 1_000,
  ms: quick ? 1_500 : 3_000,
});
const alone = (quick: boolean): Slot => ({ connections: 1, warmUpMs: 200, ms: quick ? 500 : 2_000 });

/** Gateways starting at once: they are slow to, and do not get faster by sharing two cores. */
const STARTING = 3;

/** @returns the report. */
export async function load({ quick, only, save }: LoadOptions): Promise<string> {
  const wanted = gateways.filter(({ name }) => only.length === 0 || only.includes(name));
  const peersFolder = wanted.some(({ kind }) => kind === 'peer') ? await peersOrNone(only) : undefined;
  const chosen = wanted.filter(({ kind }) => kind !== 'peer' || peersFolder !== undefined);
  await using resources = new AsyncDisposableStack();
  const folder = await temporaryFolder(resources);
  const nats = resources.use(await startNatsServer());
  const http = resources.use(await startSubgraphs('http-process.ts'));
  const moleculer = resources.use(await startSubgraphs('moleculer-process.ts', { NATS_URL: nats.url }));
  const setting: Setting = {
    folder,
    subgraphUrls: http.urls,
    subgraphsFile: join(folder, 'subgraphs.json'),
    supergraphFile: join(folder, 'supergraph.graphql'),
    natsUrl: nats.url,
    peers: peersFolder ?? '',
    answers: { heavy: await rightAnswer('heavy'), simple: await rightAnswer('simple') },
  };
  const entries = Object.entries(http.urls).map(([name, url]) => ({ name, url }));
  await writeFile(setting.subgraphsFile, JSON.stringify(entries));
  await writeFile(setting.supergraphFile, compose(http.urls));
  const running = await startAll(chosen, setting, resources);
  const clients = resources.use(startClients());
  const measured = running.map(
    (gateway): Measured => ({ running: gateway, busy: samples(), alone: samples() }),
  );

  for (let round = 0; round < rounds(quick); round += 1) {
    for (const query of queryNames) {
      for (const turn of rotated(measured, round)) {
        const { running } = turn;
        if (running.faults[query] !== undefined) continue;
        const asked = running.gateway.transport === 'http' ? http : moleculer;
        const run = (slot: Slot) => measure(running, query, setting.answers[query], slot, clients, asked);
        try {
          turn.busy[query].push(await run(busy(quick, round)));
          if (round === 0) turn.alone[query].push(await run(alone(quick)));
        } catch (error) {
          running.faults[query] = (error as Error).message;
        }
        process.stderr.write('.');
      }
    }
  }
  process.stderr.write('\n');

  const text = `${versions(chosen, peersFolder ?? '')}\n\n${table(measured)}`;
  if (save) {
    const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    await writeFile(at('latest.md'), `${text}\n`);
    await writeFile(at('latest.svg'), chart(measured));
  }
  return text;
}

/** Nobody who just tries the benchmark needs the others; whoever names one does. */
async function peersOrNone(only: readonly string[]): Promise<string | undefined> {
  try {
    return await installPeers();
  } catch (error) {
    if (only.length > 0) throw error;
    process.stderr.write(`${(error as Error).message}\nGoing on without them.\n`);
    return undefined;
  }
}

const samples = (): Record<QueryName, Sample[]> => ({ heavy: [], simple: [] });

/** Each round begins with another gateway, so that none is always the first on a cold machine. */
const rotated = <T>(items: readonly T[], by: number): T[] => {
  const at = (by * 3) % Math.max(1, items.length);
  return [...items.slice(at), ...items.slice(0, at)];
};

async function startAll(
  chosen: readonly Gateway[],
  setting: Setting,
  resources: AsyncDisposableStack,
): Promise<RunningGateway[]> {
  const started: RunningGateway[] = [];
  const waiting = chosen.entries();
  const start = async () => {
    for (const [index, gateway] of waiting) {
      started[index] = resources.use(await runGateway(gateway, setting));
    }
  };
  await Promise.all(Array.from({ length: STARTING }, start));
  return started;
}

async function temporaryFolder(resources: AsyncDisposableStack): Promise<string> {
  const parent = join(projectRoot, '.data', 'bench');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'load-'));
  resources.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

function compose(urls: Readonly<Record<string, string>>): string {
  const services = subgraphs.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl), url: urls[name]! }));
  const { supergraphSdl, errors } = composeServices(services);
  if (!supergraphSdl) throw new Error(`the subgraphs do not compose: ${errors?.map(String).join('\n')}`);
  return supergraphSdl;
}
