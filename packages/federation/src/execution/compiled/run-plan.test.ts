import { describe, expect, test } from '@jest/globals';
import type { FetchNode, PlanNode } from '../../planning/planner.ts';
import type { SubgraphResponse } from '../../protocol.ts';
import { ErrorLog } from '../error-log.ts';
import { compilePlan } from './compile-plan.ts';
import { type CompiledExecution, runPlan } from './run-plan.ts';

const root = (serviceName: string, operation: string): FetchNode => ({
  kind: 'Fetch',
  serviceName,
  operation,
  operationKind: 'query',
});

const ofProducts = (serviceName: string, field: string): FetchNode => ({
  ...root(
    serviceName,
    `query($representations:[_Any!]!){_entities(representations:$representations){...on Product{${field}}}}`,
  ),
  requires: [
    {
      kind: 'InlineFragment',
      typeCondition: 'Product',
      selections: [
        { kind: 'Field', name: '__typename' },
        { kind: 'Field', name: 'id' },
      ],
    },
  ],
});

const at = (path: readonly string[], node: PlanNode): PlanNode => ({ kind: 'Flatten', path, node });

interface Sent {
  readonly service: string;
  readonly body: { readonly variables: Record<string, unknown> };
  answer(response: SubgraphResponse): void;
}

function start(node: PlanNode, patience = 60_000) {
  const sent: Sent[] = [];
  const waiting: Array<() => void> = [];
  const errors = new ErrorLog();
  const execution: CompiledExecution = {
    variables: { given: {}, coerced: {} },
    isOfType: (typename, condition) => typename === condition,
    errors,
    clientPath: (path) => path,
    patience,
    send: () => Promise.reject(new Error('the compiled executor sends bodies')),
    sendBody(service, body) {
      const { promise, resolve } = Promise.withResolvers<SubgraphResponse>();
      sent.push({ service, body: JSON.parse(body), answer: resolve });
      for (const wake of waiting.splice(0)) wake();
      return promise;
    },
  };
  const plan = compilePlan({ node }, execution.isOfType)!;
  return {
    errors,
    data: runPlan(execution, plan),
    /** The fetch to a subgraph, once it is sent. */
    async fetchFrom(service: string): Promise<Sent> {
      for (;;) {
        const found = sent.find((fetch) => fetch.service === service);
        if (found) return found;
        await new Promise<void>((wake) => waiting.push(wake));
      }
    },
  };
}

const product = (id: string) => ({ __typename: 'Product', id });

describe('a compiled plan', () => {
  test('asks once for what hangs in several places, and fills them all', async () => {
    const run = start({
      kind: 'Sequence',
      nodes: [root('catalog', '{items{__typename id}}'), at(['items', '@'], ofProducts('stock', 'count'))],
    });
    (await run.fetchFrom('catalog')).answer({ data: { items: [product('a'), product('b'), product('a')] } });
    const stock = await run.fetchFrom('stock');
    expect(stock.body.variables).toEqual({ representations: [product('a'), product('b')] });
    stock.answer({ data: { _entities: [{ count: 1 }, { count: 2 }] } });
    expect(JSON.parse(JSON.stringify(await run.data))).toEqual({
      items: [
        { ...product('a'), count: 1 },
        { ...product('b'), count: 2 },
        { ...product('a'), count: 1 },
      ],
    });
  });

  test('keeps apart objects that differ in anything but what was asked for them', async () => {
    const run = start({
      kind: 'Sequence',
      nodes: [root('catalog', '{items{__typename id n}}'), at(['items', '@'], ofProducts('stock', 'count'))],
    });
    (await run.fetchFrom('catalog')).answer({
      data: {
        items: [
          { ...product('a'), n: 1 },
          { ...product('a'), n: 2 },
        ],
      },
    });
    const stock = await run.fetchFrom('stock');
    expect(stock.body.variables).toEqual({ representations: [product('a')] });
    stock.answer({ data: { _entities: [{ count: 1 }] } });
    expect(await run.data).toEqual({
      items: [
        { ...product('a'), n: 1, count: 1 },
        { ...product('a'), n: 2, count: 1 },
      ],
    });
  });

  test('takes an id for no representation, however it is spelt', async () => {
    const run = start({
      kind: 'Sequence',
      nodes: [root('catalog', '{items{__typename id}}'), at(['items', '@'], ofProducts('stock', 'count'))],
    });
    const odd = JSON.stringify({ __typename: 'Product', id: null });
    (await run.fetchFrom('catalog')).answer({
      data: {
        items: [
          { __typename: 'Product', id: null },
          product(odd),
          { __typename: 'Product', id: 1 },
          product('1'),
        ],
      },
    });
    const stock = await run.fetchFrom('stock');
    expect(stock.body.variables.representations).toHaveLength(4);
    stock.answer({ data: { _entities: [{ count: 1 }, { count: 2 }, { count: 3 }, { count: 4 }] } });
    expect((await run.data).items).toMatchObject([{ count: 1 }, { count: 2 }, { count: 3 }, { count: 4 }]);
  });

  test('gives each place its own copy of an answer, to be filled differently', async () => {
    const below = (name: string, field: string): PlanNode => ({
      kind: 'Sequence',
      nodes: [
        at([name], ofProducts('parts', 'part{__typename id}')),
        at([name, 'part'], ofProducts('stock', field)),
      ],
    });
    const run = start({
      kind: 'Sequence',
      nodes: [
        root('catalog', '{one{__typename id} two{__typename id}}'),
        { kind: 'Parallel', nodes: [below('one', 'n:count'), below('two', 'n:weight')] },
      ],
    });
    (await run.fetchFrom('catalog')).answer({ data: { one: product('a'), two: product('a') } });
    (await run.fetchFrom('parts')).answer({ data: { _entities: [{ part: product('p') }] } });
    (await run.fetchFrom('stock')).answer({
      data: { _entities_0: [{ n: 1 }], _entities_1: [{ n: 2 }] },
    });
    expect(await run.data).toMatchObject({ one: { part: { n: 1 } }, two: { part: { n: 2 } } });
  });

  test('goes on without a subgraph that hangs, where nothing needs it', async () => {
    const run = start(
      {
        kind: 'Parallel',
        nodes: [
          {
            kind: 'Sequence',
            nodes: [root('slow', '{late{__typename id}}'), at(['late'], ofProducts('stock', 'count'))],
          },
          {
            kind: 'Sequence',
            nodes: [root('quick', '{soon{__typename id}}'), at(['soon'], ofProducts('price', 'price'))],
          },
        ],
      },
      1,
    );
    const slow = await run.fetchFrom('slow');
    (await run.fetchFrom('quick')).answer({ data: { soon: product('a') } });
    (await run.fetchFrom('price')).answer({ data: { _entities: [{ price: 5 }] } });
    slow.answer({ data: { late: product('b') } });
    (await run.fetchFrom('stock')).answer({ data: { _entities: [{ count: 7 }] } });
    expect(await run.data).toEqual({
      late: { ...product('b'), count: 7 },
      soon: { ...product('a'), price: 5 },
    });
  });

  test('reports what another part of a merged request took with it', async () => {
    const run = start({
      kind: 'Sequence',
      nodes: [
        root('catalog', '{one{__typename id} two{__typename id}}'),
        {
          kind: 'Parallel',
          nodes: [at(['one'], ofProducts('stock', 'count')), at(['two'], ofProducts('stock', 'place'))],
        },
      ],
    });
    (await run.fetchFrom('catalog')).answer({ data: { one: product('a'), two: product('b') } });
    (await run.fetchFrom('stock')).answer({
      data: null,
      errors: [{ message: 'ill', path: ['_entities_0'] }],
    });
    await run.data;
    expect(run.errors.errors.map(({ path }) => path)).toEqual([
      ['one', 'count'],
      ['two', 'place'],
    ]);
  });
});
