/** The shop as `npm run cluster` runs it, and the README followed on it. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { firstQueryText } from '../../../scripts/cli/first-query.ts';
import { findServiceFiles, projectRoot, shopFolder } from '../../../scripts/cli/service-files.ts';
import { accepts } from '../../../scripts/infra/child.ts';
import { type Folder, projectFolder } from '../../support/folders.ts';
import { query, untilServed } from '../../support/graphql.ts';
import { type Readme, readReadme } from '../../support/readme.ts';
import { isAlive, startTestCluster, type TestCluster } from '../../support/test-cluster.ts';

let readme: Readme;
let project: Folder;
let cluster: TestCluster;

beforeAll(async () => {
  readme = await readReadme();
  project = await projectFolder();
  const services = join(project.path, 'services');
  await cp(shopFolder, services, { recursive: true });
  await cp(join(projectRoot, 'environment.ts'), join(project.path, 'environment.ts'));
  cluster = await startTestCluster(['--services-dir', services, '--replicas', 'gateway=2']);
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
});

test("every gateway answers the README's first query, out of several services, as the README says", async () => {
  const { gateways } = await cluster.state();
  expect(gateways).toHaveLength(2);
  for (const url of gateways) {
    expect(await query(url, readme.firstQuery)).toEqual({ ...(readme.firstAnswer as object), status: 200 });
  }
});

test("the commands print the README's first query", () => {
  expect(firstQueryText).toBe(readme.firstQuery);
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

test("the README's service, added in five minutes, is queryable together with the shop's", async () => {
  expect(readme.fiveMinutes.files.size).toBeGreaterThan(0);
  for (const [path, text] of readme.fiveMinutes.files) {
    await mkdir(dirname(join(project.path, path)), { recursive: true });
    await writeFile(join(project.path, path), text);
  }
  const answer = await untilServed(cluster.url, readme.fiveMinutes.query);
  expect(answer.errors).toBeUndefined();
  const wished = { name: expect.any(String), price: { amount: expect.any(Number) } };
  expect(answer.data?.wishedFor).toEqual([
    { ...wished, wishes: 12 },
    { ...wished, wishes: 3 },
  ]);
});

test('a cluster that is killed outright takes its nodes and servers along', async () => {
  const { nodes, pid, natsUrl } = await cluster.state();
  process.kill(pid, 'SIGKILL');
  await cluster.command.exited;
  const pids = nodes.map((node) => node.pid ?? 0);
  while (pids.some(isAlive)) await delay(50);
  for (const url of [natsUrl, cluster.consul])
    while (await accepts(Number(new URL(url).port))) await delay(50);
});
