/**
 * How long the gateway's event loop is held up while a change is composed and swapped in, beside Apollo's way of doing the
 * same: composition, supergraph schema and planner in the process that serves. Told as the CPU time of the longest turn,
 * which is the same on a machine that others use, and as that turn's time on the clock, which is not.
 */
import { composeServices } from '@apollo/composition';
import { ApolloGateway } from '@apollo/gateway';
import { parse } from 'graphql';
import {
  createFederationGateway,
  type SubgraphDefinition,
  type SubgraphSighting,
  type SubgraphSource,
} from 'moleculer-federation';
import { percentile } from '../report.ts';
import { type ManySubgraph, manySubgraphs } from './many-subgraphs.ts';

/** The goal, in milliseconds. */
export const GOAL_MS = 20;

const SUBGRAPHS = 50;

/** What clients ask all the time, and what has to be planned for each generation. */
const operations = Array.from(
  { length: 20 },
  (_, i) => `{ all${i} { id name e${(i + 1) % SUBGRAPHS} { name } t { f0 next { f1 } } } }`,
);

export async function swap(rounds: number): Promise<string> {
  const [own, apollo] = [await ours(rounds), await apollos(rounds)];
  return [
    `${SUBGRAPHS} subgraphs, ${rounds} swaps; the longest turn of the event loop in each (goal: ${GOAL_MS} ms)`,
    line('this gateway', own),
    line('Apollo: compose, ApolloGateway', apollo),
  ].join('\n');
}

interface Held {
  /** ms of CPU, the longest turn of each round. */
  readonly busy: readonly number[];
  /** The same on the clock, whoever had the CPU meanwhile. */
  readonly clock: readonly number[];
  /** ms from the change to the new schema. */
  readonly took: readonly number[];
}

const line = (name: string, { busy, clock, took }: Held): string => {
  const ms = (values: readonly number[], share: number) =>
    `${percentile(values, share).toFixed(0)} ms`.padStart(8);
  return `${name.padEnd(32)} busy p50 ${ms(busy, 0.5)} max ${ms(busy, 1)}   on the clock p50 ${ms(clock, 0.5)} max ${ms(clock, 1)}   swap took p50 ${ms(took, 0.5)}`;
};

async function ours(rounds: number): Promise<Held> {
  const source = new Source(manySubgraphs(SUBGRAPHS));
  const gateway = createFederationGateway({ sources: [source] });
  const next = () => new Promise((resolve) => gateway.supergraph.once('generation', resolve));
  const first = next();
  await gateway.start();
  await first;
  for (const query of operations) await gateway.execute({ query }, {});
  const held = await rounded(rounds, async (round) => {
    const swapped = next();
    source.show(manySubgraphs(SUBGRAPHS, round + 1));
    await swapped;
  });
  await gateway.stop();
  return held;
}

async function apollos(rounds: number): Promise<Held> {
  const composed = (version: number): string => {
    const services = manySubgraphs(SUBGRAPHS, version).map(({ name, sdl }) => ({
      name,
      url: `http://${name}.invalid/`,
      typeDefs: parse(sdl),
    }));
    const { supergraphSdl, errors } = composeServices(services);
    if (supergraphSdl === undefined) throw new Error(errors[0]?.message);
    return supergraphSdl;
  };
  let update: (supergraphSdl: string) => void = () => {};
  const gateway = new ApolloGateway({
    supergraphSdl: async (options) => {
      update = options.update;
      return { supergraphSdl: composed(0), cleanup: async () => {} };
    },
  });
  await gateway.load();
  const held = await rounded(rounds, async (round) => update(composed(round + 1)));
  await gateway.stop();
  return held;
}

/** CPU time of this thread so far, in ms. */
const cpu = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Each round by itself; the loop's own turns are what is timed. */
async function rounded(rounds: number, change: (round: number) => Promise<void>): Promise<Held> {
  const [busy, clock, took]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    let last = { at: performance.now(), cpu: cpu() };
    let [worst, worstAt, going] = [0, 0, true];
    const tick = () => {
      const now = { at: performance.now(), cpu: cpu() };
      worst = Math.max(worst, now.cpu - last.cpu);
      worstAt = Math.max(worstAt, now.at - last.at);
      last = now;
      if (going) setImmediate(tick);
    };
    setImmediate(tick);
    const begun = performance.now();
    await change(round);
    took.push(performance.now() - begun);
    // What follows the swap, the old generation's end, counts too.
    await new Promise((resolve) => setTimeout(resolve, 200));
    going = false;
    busy.push(worst);
    clock.push(worstAt);
  }
  return { busy, clock, took };
}

/** A registry played here. */
class Source implements SubgraphSource {
  #shown: readonly ManySubgraph[];
  #since = 1;
  #changed = () => {};

  constructor(shown: readonly ManySubgraph[]) {
    this.#shown = shown;
  }

  show(subgraphs: readonly ManySubgraph[]): void {
    this.#shown = subgraphs;
    this.#since += 1;
    this.#changed();
  }

  async start(onChange: () => void): Promise<void> {
    this.#changed = onChange;
  }
  async stop(): Promise<void> {}

  sightings(): readonly SubgraphSighting[] {
    return this.#shown.map(({ name, sdl }): SubgraphSighting => {
      const route: SubgraphDefinition['route'] = { kind: 'http', url: `http://${name}.invalid/` };
      return { name, hash: sdl, route, instances: [route.url], since: this.#since };
    });
  }

  async readSdl({ name }: SubgraphSighting): Promise<string> {
    return this.#shown.find((subgraph) => subgraph.name === name)!.sdl;
  }
}
