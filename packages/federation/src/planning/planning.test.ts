import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { composeLocally, FEDERATION_2 } from '../../test/support/federate.ts';
import { LocalPlanning } from './local-planning.ts';
import type { PlannedSupergraph, Planning } from './planner.ts';
import { WorkerPlanning } from './worker-planning.ts';

const { supergraphSdl } = composeLocally({
  a: {
    sdl: `${FEDERATION_2} type Query { users: [User] any(x: Any): Int node: Node } scalar Any
      interface Node { id: ID! } type User implements Node @key(fields: "id") { id: ID! }`,
  },
  b: { sdl: `${FEDERATION_2} type User @key(fields: "id") { id: ID! name: String }` },
});
const other = composeLocally({ c: { sdl: `${FEDERATION_2} type Query { c: Int }` } });

const planOf = async ({ planner }: PlannedSupergraph, text: string) =>
  (await planner.plan(parse(text), undefined)).node;

const users = {
  kind: 'Sequence',
  nodes: [
    { kind: 'Fetch', serviceName: 'a', operation: '{users{__typename id}}' },
    { kind: 'Flatten', path: ['users', '@'], node: { kind: 'Fetch', serviceName: 'b' } },
  ],
};

describe.each<[string, Planning]>([
  ['in this thread', new LocalPlanning()],
  ['in a thread of its own', new WorkerPlanning()],
])('planning %s', (_, planning) => {
  beforeAll(() => planning.warm());
  afterAll(() => planning.close());

  test('plans over the supergraph that was opened, several at a time', async () => {
    const [first, second] = await Promise.all([
      planning.open(supergraphSdl),
      planning.open(other.supergraphSdl),
    ]);
    expect(await planOf(first!, '{ users { name } }')).toMatchObject(users);
    expect(await planOf(second!, '{ c }')).toMatchObject({ kind: 'Fetch', serviceName: 'c' });
    expect(await planOf(first!, '{ __typename }')).toBeUndefined();
    second!.close();
    expect(await planOf(first!, '{ users { id } }')).toMatchObject({ kind: 'Fetch', serviceName: 'a' });
  });

  test('knows the names and types of the supergraph', async () => {
    const { planner, isOfType } = await planning.open(supergraphSdl);
    expect([isOfType('User', 'Node'), isOfType('User', 'User'), isOfType('Node', 'User')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(planner.names.client('_alias_id')).toBe('id');
    expect(await planOf({ planner, isOfType, close: () => {} }, '{ users { id: name } }')).toMatchObject({
      nodes: [{}, { node: { operation: expect.stringContaining('_alias_id:name') } }],
    });
  });

  test('rejects a supergraph that no planner takes, and an operation that does not fit', async () => {
    await expect(planning.open('type Query { a: Int }')).rejects.toMatchObject({
      name: expect.not.stringMatching('ThreadError'),
    });
    const planned = await planning.open(supergraphSdl);
    await expect(planOf(planned, '{ nope }')).rejects.toThrow(/nope/);
    expect(await planOf(planned, '{ users { name } }')).toMatchObject(users);
  });
});

describe('planning in a thread of its own', () => {
  test('gives up a plan that takes too long, and plans on in a new thread', async () => {
    // The planner takes twice the time for each level: this one would take half an hour.
    const hostile = `{ any(x: ${'['.repeat(30)}${']'.repeat(30)}) }`;
    const planning = new WorkerPlanning({ planTimeout: 2_000 });
    const planned = await planning.open(supergraphSdl);
    const [refused, ...others] = await Promise.allSettled(
      [hostile, '{ users { name } }', '{ users { name } }'].map((text) => planOf(planned, text)),
    );
    expect(refused).toMatchObject({
      reason: { extensions: { code: 'OPERATION_TOO_COMPLEX', limit: 'planningTime', max: 2_000 } },
    });
    for (const outcome of others) expect(outcome).toMatchObject({ value: users });
    await planning.close();
  });

  test('rejects plans under way when it is closed', async () => {
    const planning = new WorkerPlanning();
    const planned = await planning.open(supergraphSdl);
    const plan = Promise.allSettled([planOf(planned, '{ users { name } }')]);
    await planning.close();
    expect(await plan).toMatchObject([{ reason: { extensions: { code: 'QUERY_PLANNING_UNAVAILABLE' } } }]);
    planned.close();
  });
});
