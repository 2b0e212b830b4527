/**
 * A gateway's long life in a few minutes: many requests of many distinct operations, and the schema swapped under them a
 * hundred times. What it holds on to after a collection is printed at checkpoints, and must not grow.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  createFederationGateway,
  type FederationGateway,
  type SubgraphDefinition,
  type SubgraphSighting,
  type SubgraphSource,
  type SubgraphTransport,
} from 'moleculer-federation';

export interface SoakSize {
  readonly requests: number;
  /** Distinct operations. */
  readonly operations: number;
  readonly swaps: number;
}

const CHECKPOINTS = 20;
const AT_ONCE = 50;

/** Share of the operations that clients ask for at a time; which ones they are moves on with each swap. */
const CURRENT = 0.3;

/** What the later half may hold more than the earlier: noise of a collector, in MiB. */
const SLACK_MIB = 4;

/** @throws Error when the heap grows, or when an answer is wrong. */
export async function soak({ requests, operations, swaps }: SoakSize): Promise<string> {
  const source = new Source();
  const gateway = createFederationGateway({ sources: [source], transports: [memory] });
  const texts = Array.from({ length: operations }, (_, i) => `query Q${i} { a${i}: user { id name } }`);
  await swapped(gateway, () => gateway.start());
  const lines: string[] = ['requests   swaps   heap MiB   resident MiB   generations alive'];
  const heaps: number[] = [];
  const begun = performance.now();
  let retired = 0;
  gateway.supergraph.on('retired', () => {
    retired += 1;
  });
  for (let done = 0, swap = 0, checkpoint = 1; checkpoint <= CHECKPOINTS; checkpoint += 1) {
    for (; swap < (swaps * checkpoint) / CHECKPOINTS; swap += 1) {
      const until = Math.floor((requests * (swap + 1)) / swaps);
      const busy = askAll(gateway, texts, Math.floor(operations * CURRENT * swap * 0.1), until - done);
      await swapped(gateway, () => source.change());
      await busy;
      done = until;
    }
    const { heap, resident } = await held();
    heaps.push(heap);
    lines.push(
      [
        done.toLocaleString('en').padStart(9),
        String(swap).padStart(6),
        heap.toFixed(1).padStart(10),
        resident.toFixed(0).padStart(14),
        String(swap + 1 - retired).padStart(19),
      ].join(' '),
    );
  }
  await gateway.stop();
  // The first checkpoints fill the caches. The lowest of each: the heap goes back and forth between two levels, and what
  // leaks raises both.
  const [early, late] = [heaps.slice(CHECKPOINTS / 4, CHECKPOINTS / 2), heaps.slice(-CHECKPOINTS / 4)];
  const growth = Math.min(...late) - Math.min(...early);
  lines.push(
    `${operations.toLocaleString('en')} distinct operations, ${((performance.now() - begun) / 1_000).toFixed(0)} s; heap ${growth >= 0 ? '+' : ''}${growth.toFixed(1)} MiB from the second quarter to the last`,
  );
  if (growth > SLACK_MIB) throw new Error(`the heap grows:\n${lines.join('\n')}`);
  return lines.join('\n');
}

async function askAll(
  { executeToText }: FederationGateway,
  texts: readonly string[],
  first: number,
  requests: number,
): Promise<void> {
  let asked = 0;
  const client = async () => {
    while (asked < requests) {
      const i = (first + (asked++ % (texts.length * CURRENT))) % texts.length;
      const { data, errors } = await executeToText({ query: texts[i]! }, {});
      if (data !== `{"a${i}":{"id":"1","name":"Ada"}}`)
        throw new Error(`wrong: ${data} ${JSON.stringify(errors)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

async function swapped({ supergraph }: FederationGateway, change: () => unknown): Promise<void> {
  const swap = new Promise((resolve) => supergraph.once('generation', resolve));
  await change();
  await swap;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** After what is unreachable is gone. In MiB. */
async function held(): Promise<{ readonly heap: number; readonly resident: number }> {
  for (let i = 0; i < 3; i += 1) {
    // A weak reference holds what it was asked for until the turn ends.
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20 };
}

/** Subgraphs that answer from memory. */
const memory: SubgraphTransport = {
  kind: 'http',
  async fetch({ name }, { query }) {
    const alias = /\ba\d+(?=:user)/.exec(query)?.[0] ?? '';
    return name === 'users'
      ? { data: { [alias]: { __typename: 'User', id: '1' } } }
      : { data: { _entities: [{ name: 'Ada' }] } };
  },
  async close() {},
};

/** Two subgraphs, one of them in ever new versions. */
class Source implements SubgraphSource {
  #version = 0;
  #changed = () => {};

  change(): void {
    this.#version += 1;
    this.#changed();
  }

  async start(onChange: () => void): Promise<void> {
    this.#changed = onChange;
  }
  async stop(): Promise<void> {}

  sightings(): readonly SubgraphSighting[] {
    return (['users', 'names'] as const).map((name) => {
      const route: SubgraphDefinition['route'] = { kind: 'http', url: `http://${name}.invalid/` };
      const hash = name === 'users' ? '0' : String(this.#version);
      return { name, hash, route, instances: [route.url], since: Number(hash) };
    });
  }

  async readSdl({ name, hash }: SubgraphSighting): Promise<string> {
    const link =
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])';
    return name === 'users'
      ? `${link} type Query { user: User } type User @key(fields: "id") { id: ID! }`
      : `${link} type User @key(fields: "id") { id: ID! name: String version${hash}: Int }`;
  }
}
