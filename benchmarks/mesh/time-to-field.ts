/**
 * How long a new service takes to be queryable: from its process's start, and from its `started`, to the first right
 * answer that holds its field, asked of the gateway over HTTP all the while. Real NATS, real Consul, one process a node.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../../config.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { projectRoot } from '../../scripts/cli/service-files.ts';
import { startCluster } from '../../scripts/cluster/cluster.ts';
import { runNode } from '../../scripts/cluster/node-process.ts';
import { query } from '../../test/support/graphql.ts';
import { summary } from '../report.ts';

/** The goal of `started` → first answer, in milliseconds. */
export const GOAL_MS = 250;

const POLL_MS = 2;
const GIVE_UP_MS = 30_000;

/** A schema of its own each round: nothing that a gateway or registry has cached can answer for it. */
const service = (field: string) => `
import { Subgraph } from 'moleculer-federation';
export default {
  name: 'newcomer',
  mixins: [Subgraph({
    schema: \`
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type City @key(fields: "id") { id: ID! ${field}: Int! }
    \`,
    references: { City: async (cities) => cities.map((city) => ({ ...city, ${field}: 42 })) },
  })],
};
`;

/** Rounds one after the other; the service is stopped and its fields are forgotten between them. */
export async function timeToField(rounds: number): Promise<string> {
  const parent = join(projectRoot, '.data', 'bench');
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'mesh-'));
  const known = join(work, 'services');
  const fresh = join(work, 'fresh');
  await cp(join(projectRoot, 'test/support/fixtures/services'), known, { recursive: true });
  await mkdir(fresh);
  const env = { ...process.env, LOG_LEVEL: 'error', LOG_FORMAT: 'text' };
  const log: string[] = [];
  const cluster = await startCluster({
    servicesDir: known,
    dataDir: work,
    replicas: '',
    port: 0,
    natsUrl: undefined,
    consulAddress: undefined,
    namespace: '',
    env,
    signal: AbortSignal.timeout(120_000),
    output: (node, line) => log.push(`${node} ${line}`),
    event: () => undefined,
  });
  const addresses = { NATS_URL: cluster.servers.natsUrl, CONSUL_HTTP_ADDR: cluster.servers.consulAddress };
  const config = readConfig({ ...addresses, NODE_ID: 'bench', LOG_LEVEL: 'error' });
  const broker = new ServiceBroker({
    ...brokerOptions({ ...config, events: undefined }),
    skipProcessEventRegistration: true,
  });
  const [gateway = ''] = cluster.gateways;
  const [fromStart, fromStarted]: [number[], number[]] = [[], []];
  try {
    await broker.start();
    await broker.waitForServices('gateway', 10_000, 20);
    for (let round = 1; round <= rounds; round += 1) {
      const field = `field${round}`;
      await writeFile(join(fresh, 'newcomer.service.ts'), service(field));
      const begun = performance.now();
      const node = runNode(
        { name: `newcomer-${round}`, unit: 'newcomer' },
        {
          args: ['--services-dir', fresh],
          env: { ...env, ...addresses, NODE_ID: `newcomer-${round}` },
          output: (line) => log.push(`newcomer ${line}`),
          event: () => undefined,
        },
      );
      const started = node.started.then(() => performance.now());
      const answered = await firstAnswer(gateway, field, '[{"name":"Lagos","x":42},{"name":"Lima","x":42}]');
      fromStart.push(answered - begun);
      // Its message may be read a moment after the answer that it made possible.
      fromStarted.push(Math.max(0, answered - (await started)));
      await node.stop(10_000);
      await broker.call('gateway.forget', { subgraph: 'newcomer' });
      await untilGone(gateway, field);
    }
  } catch (error) {
    throw new Error(`the last lines of the nodes:\n${log.slice(-20).join('\n')}`, { cause: error });
  } finally {
    await broker.stop();
    await cluster.stop();
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
  const p50 = fromStarted.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  return [
    summary('process start → first answered field', fromStart),
    summary('started → first answered field', fromStarted),
    `goal: ${GOAL_MS} ms from started: ${p50 <= GOAL_MS ? 'met' : 'MISSED'} at p50`,
  ].join('\n');
}

/** When the gateway first answered `field` as expected; any other answer with data is an error of the mesh. */
async function firstAnswer(gateway: string, field: string, expected: string): Promise<number> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const answer = await query(gateway, `{ cities { name x: ${field} } }`);
    const now = performance.now();
    if (answer.data?.cities) {
      const got = JSON.stringify(answer.data.cities);
      if (got !== expected) throw new Error(`wrong answer: ${JSON.stringify(answer)}`);
      return now;
    }
    if (now > deadline)
      throw new Error(`no answer in ${GIVE_UP_MS} ms, the last was ${JSON.stringify(answer)}`);
    await delay(POLL_MS);
  }
}

async function untilGone(gateway: string, field: string): Promise<void> {
  for (let i = 0; i < 1_000; i += 1) {
    const answer = await query(gateway, `{ cities { ${field} } }`);
    if (answer.status === 400) return;
    await delay(10);
  }
  throw new Error(`${field} was not forgotten`);
}
