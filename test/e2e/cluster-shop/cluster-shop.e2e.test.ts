/** The shop as `npm run cluster` runs it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { firstQueryText } from '../../../scripts/cli/first-query.ts';
import { findServiceFiles, shopFolder } from '../../../scripts/cli/service-files.ts';
import { query } from '../../support/graphql.ts';
import { isAlive, startTestCluster, type TestCluster } from '../../support/test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster(['--replicas', 'gateway=2']);
}, 120_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
}, 60_000);

test('every gateway answers the first query out of several services', async () => {
  const { gateways } = await cluster.state();
  expect(gateways).toHaveLength(2);
  for (const url of gateways) {
    const { status, data, errors } = await query(url, firstQueryText);
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(data?.topProducts).toHaveLength(3);
  }
});

test('the catalogue of Consul lists every service, and all its checks pass', async () => {
  const units = ['gateway', ...(await findServiceFiles(shopFolder)).keys()];
  for (const unit of units) {
    const response = await fetch(`${cluster.consul}/v1/health/service/moleculer--${unit}`);
    const instances = (await response.json()) as { Checks: { Status: string }[] }[];
    expect({ unit, instances: instances.length }).toEqual({ unit, instances: unit === 'gateway' ? 2 : 1 });
    expect(instances.flatMap(({ Checks }) => Checks).filter(({ Status }) => Status !== 'passing')).toEqual(
      [],
    );
  }
});

test('a cluster that is killed outright takes its nodes and servers along', async () => {
  const { nodes, pid } = await cluster.state();
  process.kill(pid, 'SIGKILL');
  await cluster.command.exited;
  const pids = nodes.map((node) => node.pid ?? 0);
  for (let i = 0; pids.some(isAlive) && i < 400; i += 1) await new Promise((done) => setTimeout(done, 50));
  expect(pids.filter(isAlive)).toEqual([]);
  await expect(fetch(`${cluster.consul}/v1/status/leader`)).rejects.toThrow();
});
