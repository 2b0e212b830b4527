import { describe, expect, test } from '@jest/globals';
import type { FetchNode, PlanNode } from '../planner.ts';
import { orderByNeeds } from './fetch-order.ts';

const root = (operation: string): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'root',
  operation,
  operationKind: 'query',
});
const entity = (gives: string, needs: string, type = 'T'): FetchNode => ({
  kind: 'Fetch',
  serviceName: `brings ${gives}`,
  operation: `query($representations:[_Any!]!){_entities(representations:$representations){...on ${type}{${gives}}}}`,
  operationKind: 'query',
  requires: [
    {
      kind: 'InlineFragment',
      typeCondition: type,
      selections: ['__typename', ...needs.split(' ')].map((name) => ({ kind: 'Field', name })),
    },
  ],
});
const at = (path: string, node: PlanNode): PlanNode => ({ kind: 'Flatten', path: path.split('.'), node });
const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Sequence', nodes });
const parallel = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Parallel', nodes });
const order = (plan: PlanNode): PlanNode => orderByNeeds(plan, (type, condition) => type === condition);

const start = root('{ts{__typename id}}');

describe('the fetches of a plan', () => {
  test('that are in order stay the very same plan', () => {
    const plan = sequence(start, at('ts.@', entity('a', 'id')), at('ts.@', entity('b', 'a')));
    expect(order(plan)).toBe(plan);
  });

  test('in a sequence come after those that bring what they require', () => {
    const [a, b, other] = [entity('a', 'id'), entity('b', 'a'), entity('c', 'id')];
    expect(order(sequence(start, at('ts.@', b), at('ts.@', other), at('ts.@', a)))).toEqual(
      sequence(start, at('ts.@', other), at('ts.@', a), at('ts.@', b)),
    );
  });

  test('beside each other become a sequence where one requires what the other brings', () => {
    const [a, b, c] = [entity('a', 'id'), entity('b', 'a'), entity('c', 'id')];
    expect(order(sequence(start, parallel(at('ts.@', b), at('ts.@', a), at('ts.@', c))))).toEqual(
      sequence(start, sequence(parallel(at('ts.@', a), at('ts.@', c)), at('ts.@', b))),
    );
  });

  test('move with the branch that they are in', () => {
    const [a, b] = [entity('a', 'id'), entity('b', 'a')];
    const early = parallel(at('ts.@', b), at('ts.@', entity('c', 'id')));
    const late = sequence(at('ts.@', entity('d', 'id')), at('ts.@', a));
    expect(order(sequence(start, early, late))).toEqual(sequence(start, late, early));
  });

  test('are not moved for a field of the same name elsewhere, or of another type', () => {
    const elsewhere = sequence(
      root('{ts{__typename id a}us{__typename id}}'),
      at('ts.@', entity('b', 'a')),
      at('us.@', entity('a', 'id')),
    );
    expect(order(elsewhere)).toBe(elsewhere);
    const another = sequence(start, at('ts.@', entity('b', 'a')), at('ts.@', entity('a', 'id', 'U')));
    expect(order(another)).toBe(another);
  });

  test('that require each other stay as they are', () => {
    const plan = sequence(start, at('ts.@', entity('a', 'b')), at('ts.@', entity('b', 'a')));
    expect(order(plan)).toEqual(plan);
  });
});
