/** What a running cluster does when its parts die, appear and end. Its services are small: the mesh is what is tested. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../../scripts/cli/service-files.ts';
import { runScript } from '../../support/command.ts';
import { type Folder, projectFolder } from '../../support/folders.ts';
import { type Answer, query } from '../../support/graphql.ts';
import { startLoad } from '../../support/load.ts';
import { isAlive, startTestCluster, type TestCluster } from '../../support/test-cluster.ts';

const fixtures = join(projectRoot, 'test/support/fixtures');
let services: Folder;
let cluster: TestCluster;

beforeAll(async () => {
  services = await projectFolder();
  await cp(join(fixtures, 'services'), services.path, { recursive: true });
  cluster = await startTestCluster(['--services-dir', services.path, '--replicas', 'weather=2']);
}, 120_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await services?.[Symbol.asyncDispose]();
}, 60_000);

const isWhole = ({ data, errors }: Answer) => {
  const cities = (data?.cities ?? []) as { temperature?: unknown }[];
  return !errors && cities.length === 2 && cities.every(({ temperature }) => temperature === 21);
};

const federated = '{ cities { name temperature reportedBy } }';

test('kill -9 of one of two replicas under 50 queries a second fails no query, and the replica comes back', async () => {
  const load = startLoad(cluster.url, federated, 50, isWhole);
  await load.more(50);
  const victim = (await cluster.state()).nodes.find((node) => node.name === 'weather-2');
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await load.more(100);
  await cluster.command.until(/weather-2\s+\| crashed \(SIGKILL\)[\s\S]*weather-2\s+\| started/);
  await load.more(50);
  expect(await load.end()).toEqual([]);
  expect(load.answered()).toBeGreaterThanOrEqual(200);
});

test('a service file dropped into the running cluster is queryable', async () => {
  await cp(join(fixtures, 'dropped'), services.path, { recursive: true });
  await cluster.command.until(/population-1\s+\| started/);
  const ask = () => query(cluster.url, '{ cities { name temperature population } }');
  let answer = await ask();
  // `started` is the service's; the gateway composes after it.
  for (let i = 0; answer.errors && i < 200; i += 1) {
    await delay(25);
    answer = await ask();
  }
  expect(answer).toEqual({
    status: 200,
    data: {
      cities: [
        { name: 'Lagos', temperature: 21, population: 1_000_000 },
        { name: 'Lima', temperature: 21, population: 1_000_000 },
      ],
    },
  });
});

test('the REPL joins the running cluster, and its commands answer in order', async () => {
  const lines = [
    'gql { cities { id name } }',
    'plan { cities { name temperature } }',
    'subgraphs',
    'supergraph',
    'nope',
  ];
  await using repl = runScript('repl', [], {
    env: { DATA_DIR: cluster.dataDir, HOME: cluster.dataDir },
    input: `${lines.join('\n')}\n`,
  });
  expect(await repl.exited).toBe(0);
  const output = repl.output();
  const expected = ['"name": "Lagos"', 'Flatten', '"weather-1"', '@join__type'];
  expect(output).toMatch(new RegExp(expected.join('[\\s\\S]*')));
});

test('a second cluster on the same data is refused in one line', async () => {
  await using second = runScript('cluster', [], { env: { DATA_DIR: cluster.dataDir } });
  expect(await second.exited).toBe(1);
  expect(second.output()).toMatch(/^a cluster is running already \(pid \d+\)[^\n]*\n$/);
});

test('one Ctrl-C stops everything in order and leaves no orphan and no state file', async () => {
  const { nodes } = await cluster.state();
  const pids = nodes.map((node) => node.pid ?? 0);
  expect(pids.every(isAlive)).toBe(true);
  cluster.command.signal('SIGINT');
  expect(await cluster.command.exited).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  await expect(fetch(`${cluster.consul}/v1/status/leader`)).rejects.toThrow();
  await expect(cluster.state()).rejects.toThrow('no cluster.json');
});
