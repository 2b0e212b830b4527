/** What a running cluster does when its parts die, appear and end. Its services are small: the mesh is what is tested. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../../scripts/cli/service-files.ts';
import { freePort } from '../../../scripts/infra/free-port.ts';
import { runScript } from '../../support/command.ts';
import { type Folder, projectFolder, temporaryFolder } from '../../support/folders.ts';
import { type Answer, untilServed } from '../../support/graphql.ts';
import { startLoad } from '../../support/load.ts';
import { isAlive, startTestCluster, type TestCluster } from '../../support/test-cluster.ts';

const fixtures = join(projectRoot, 'test/support/fixtures');
let services: Folder;
let cluster: TestCluster;

beforeAll(async () => {
  services = await projectFolder();
  await cp(join(fixtures, 'services'), services.path, { recursive: true });
  cluster = await startTestCluster(['--services-dir', services.path, '--replicas', 'weather=2']);
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await services?.[Symbol.asyncDispose]();
});

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
  const answer = await untilServed(cluster.url, '{ cities { name temperature population } }');
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

test('a dropped file with a mistake is told by name and line, and is served once it is mended', async () => {
  const file = join(services.path, 'rivers.service.ts');
  const good = await readFile(join(fixtures, 'dropped/population/population.service.ts'), 'utf8');
  const text = good.replaceAll('population', 'rivers');
  await writeFile(file, text.replace('rivers: Int!', 'rivers: Nothing'));
  await cluster.command.until(/rivers-1\s+\|[^\n]*Nothing/);
  await cluster.command.until(/rivers-1\s+\| crashed[^\n]*waiting for its files to change/);
  await writeFile(file, text);
  await cluster.command.until(/rivers-1\s+\| started/);
  const answer = await untilServed(cluster.url, '{ cities { rivers } }');
  expect(answer.data).toEqual({ cities: [{ rivers: 1_000_000 }, { rivers: 1_000_000 }] });
});

test('the health check of a container finds its node passing, and another one not', async () => {
  const { consulAddress } = await cluster.state();
  const check = (NODE_ID: string, CONSUL_HTTP_ADDR: string) =>
    runScript('healthcheck', [], { env: { SERVICES: 'weather', NODE_ID, CONSUL_HTTP_ADDR } }).exited;
  expect(await check('weather-1', consulAddress)).toBe(0);
  expect(await check('weather-9', consulAddress)).toBe(1);
  expect(await check('weather-1', '127.0.0.1:1')).toBe(1);
});

test('a second cluster on the same data is refused in one line', async () => {
  await using second = runScript('cluster', [], { env: { DATA_DIR: cluster.dataDir } });
  expect(await second.exited).toBe(1);
  expect(second.output()).toMatch(/^a cluster is running already \(pid \d+\)[^\n]*\n$/);
});

/** A port that is in use, with the one below it free. */
async function takenPortAfterFreeOne(): Promise<[port: number, server: Server]> {
  for (;;) {
    const port = (await freePort()) + 1;
    const server = createServer();
    const listening = new Promise((done) => {
      server.once('listening', () => done(true)).once('error', () => done(false));
    });
    server.listen(port, '127.0.0.1');
    if (await listening) return [port, server];
  }
}

test('a port that a second gateway cannot have ends the start in one line, with nothing left running', async () => {
  const [port, taken] = await takenPortAfterFreeOne();
  await using folder = await temporaryFolder();
  const empty = join(folder.path, 'services');
  await mkdir(empty);
  const { natsUrl, consulAddress } = await cluster.state();
  await using second = runScript('cluster', ['--services-dir', empty, '--replicas', 'gateway=2'], {
    env: {
      PORT: String(port - 1),
      DATA_DIR: folder.path,
      NAMESPACE: 'second',
      NATS_URL: natsUrl,
      CONSUL_HTTP_ADDR: consulAddress,
      LOG_LEVEL: 'fatal',
    },
  });
  expect(await second.exited).toBe(1);
  expect(second.errorOutput()).toMatch(new RegExp(`^gateway-2: PORT=${port}[^\\n]*\\n$`));
  taken.close();
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
