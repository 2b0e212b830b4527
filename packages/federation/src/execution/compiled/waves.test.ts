import { describe, expect, test } from '@jest/globals';
import type { FetchNode, PlanNode } from '../../planning/planner.ts';
import { mergeFetches } from './merge-fetches.ts';
import { feeds, toWaves } from './waves.ts';

const fetch = (serviceName: string, selection: string, rest: Partial<FetchNode> = {}): FetchNode => ({
  kind: 'Fetch',
  serviceName,
  operation: `{${selection}}`,
  operationKind: 'query',
  ...rest,
});

const entities = (serviceName: string, selection: string, key = 'id'): FetchNode =>
  fetch(serviceName, '', {
    operation: `query($representations:[_Any!]!){_entities(representations:$representations){...on T{${selection}}}}`,
    requires: [
      {
        kind: 'InlineFragment',
        typeCondition: 'T',
        selections: ['__typename', key].map((name) => ({ kind: 'Field', name })),
      },
    ],
  });

const at = (path: string, node: PlanNode): PlanNode => ({ kind: 'Flatten', path: path.split('.'), node });
const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Sequence', nodes });
const parallel = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Parallel', nodes });

const services = (node: PlanNode) =>
  toWaves(node)?.map((wave) => wave.map(({ fetch: { serviceName } }) => serviceName));

describe('waves', () => {
  test('hold what one depth of all branches asks for', () => {
    const plan = parallel(
      sequence(fetch('a', 'x'), at('x', entities('c', 'f'))),
      sequence(fetch('b', 'y'), at('y', entities('c', 'g'))),
    );
    expect(services(plan)).toEqual([
      ['a', 'b'],
      ['c', 'c'],
    ]);
  });

  test('put off a fetch that nothing waits for to where its subgraph is called anyway', () => {
    const plan = sequence(
      fetch('a', 'x'),
      parallel(
        at('x', entities('b', 'early')),
        sequence(at('x', entities('c', 'f')), at('x', entities('b', 'late', 'f'))),
      ),
    );
    expect(services(plan)).toEqual([['a'], ['c'], ['b', 'b']]);
  });

  test('never put off a fetch that another needs', () => {
    const plan = sequence(
      fetch('a', 'x'),
      at('x', entities('b', 'f')),
      at('x', entities('c', 'g', 'f')),
      at('x', entities('b', 'h', 'g')),
    );
    expect(services(plan)).toEqual([['a'], ['b'], ['c'], ['b']]);
  });

  test('are not made of mutations and conditions', () => {
    expect(toWaves(fetch('a', 'x', { operationKind: 'mutation' }))).toBeUndefined();
    expect(toWaves({ kind: 'Condition', condition: 'x', ifClause: fetch('a', 'x') })).toBeUndefined();
  });
});

test('an answer feeds the paths that begin with what was asked for', () => {
  const from = { path: ['x', '@'], fetch: entities('b', 'list{id}'), after: [] };
  expect(feeds(from, ['x', '@', 'list', '@'])).toBe(true);
  expect(feeds(from, ['x', '@', 'other'])).toBe(false);
  expect(feeds(from, ['x', '@'])).toBe(false);
  expect(feeds(from, ['y', '@', 'list'])).toBe(false);
});

describe('merged fetches', () => {
  const placed = (path: string, node: FetchNode) => ({ path: path.split('.'), fetch: node, after: [] });

  test('of one subgraph are one request, each under an alias of its own', () => {
    const [request, ...others] = mergeFetches([
      placed('x', entities('b', 'f', 'id')),
      placed('y', entities('b', 'g', 'upc')),
    ]);
    expect(others).toEqual([]);
    expect(request?.operation).toBe(
      'query($representations_0:[_Any!]!$representations_1:[_Any!]!){_entities_0:_entities(representations:$representations_0){...on T{f}}_entities_1:_entities(representations:$representations_1){...on T{g}}}',
    );
  });

  test('that ask the same share a list of representations', () => {
    const [request] = mergeFetches([placed('x', entities('b', 'f')), placed('y.@', entities('b', 'f'))]);
    expect(request?.parts).toMatchObject([{ alias: '_entities', paths: [['x'], ['y', '@']] }]);
  });

  test('stay apart when one is not the usual operation', () => {
    const unusual = {
      ...entities('b', 'f'),
      operation:
        'query($representations:[_Any!]!)@live{_entities(representations:$representations){__typename}}',
    };
    expect(mergeFetches([placed('x', unusual), placed('y', entities('b', 'g'))])).toHaveLength(2);
  });
});
