import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ConsulAgent, startConsulAgent } from '../../../scripts/infra/consul.ts';
import { startNode, until } from './mesh.ts';

const MASTER = 'b1e5f2a0-0000-4000-8000-000000000001';
const TIMES = { ttl: 2, beat: 0.5 };

let agent: ConsulAgent;
beforeAll(async () => {
  agent = await startConsulAgent({
    token: MASTER,
    config: { acl: { enabled: true, default_policy: 'deny', tokens: { master: MASTER, agent: MASTER } } },
  });
  await until('the ACL system is up', () =>
    agent.get('/v1/acl/tokens').then(
      () => true,
      () => false,
    ),
  );
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
});

/** The policy that the README tells to use. */
async function documentedPolicy(): Promise<string> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  return /```hcl\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
}

let policies = 0;
async function tokenFor(rules: string): Promise<string> {
  const Name = `policy-${policies++}`;
  await agent.put('/v1/acl/policy', { Name, Rules: rules });
  const { SecretID } = await agent.put<{ SecretID: string }>('/v1/acl/token', { Policies: [{ Name }] });
  return SecretID;
}
const without = (policy: string, rule: string) =>
  policy.replace(new RegExp(`${rule} "[^"]*" \\{[^}]*\\}\\n`), '');

test('the documented policy is enough to join, to find others, to announce services and to leave', async () => {
  const consul = { address: agent.address, token: await tokenFor(await documentedPolicy()), ...TIMES };
  const drop = ['INFO', 'DISCOVER'];
  const services = [{ name: 'math', actions: { one: () => 1 } }];
  await using a = await startNode({ nodeID: 'a', consul, services, drop });
  await until('a is registered', () => a.discoverer.status().registered);
  const b = await startNode({ nodeID: 'b', consul, drop });
  await expect(b.broker.call('math.one')).resolves.toBe(1);
  await until('b is registered', () => b.discoverer.status().registered);
  expect([a, b].flatMap((node) => node.statuses).every(({ error }) => error === undefined)).toBe(true);
  await b.broker.stop();
  await until(
    'b is gone',
    async () => (await agent.get<unknown[]>('/v1/health/service/moleculer-test')).length === 1,
  );
});

describe('a token without a rule is told which one it lacks', () => {
  test.each([
    ['node_prefix', 'lacks node_prefix "" { policy = "read" }'],
    ['service_prefix', 'lacks service_prefix "moleculer-test" { policy = "write" }'],
    ['key_prefix', 'lacks key_prefix "moleculer-test/" { policy = "write" }'],
  ])('%s', async (rule, message) => {
    const policy = without(await documentedPolicy(), rule);
    expect(policy).not.toContain(rule);
    const consul = { address: agent.address, token: await tokenFor(policy), ...TIMES };
    await using node = await startNode({ nodeID: 'a', consul });
    await until('the error shows', () => node.discoverer.status().error !== undefined);
    expect(node.discoverer.status().error).toMatchObject({
      failure: 'denied',
      message: expect.stringContaining(message),
    });
  });
});

test('a list that hides everybody removes nobody', async () => {
  const policy = await documentedPolicy();
  const full = { address: agent.address, token: await tokenFor(policy), ...TIMES };
  const blind = { ...full, token: await tokenFor(without(policy, 'node_prefix')) };
  await using a = await startNode({ nodeID: 'a', consul: blind });
  await using b = await startNode({ nodeID: 'b', consul: full });
  await until('they know each other', () => a.peers().includes('b') && b.peers().includes('a'));
  await until('a has noticed', () => a.discoverer.status().error !== undefined);
  await until('b has gone on for more than a TTL', () => Date.now() - b.discoverer.status().since > 3_000);
  expect(a.lost).toEqual([]);
});
