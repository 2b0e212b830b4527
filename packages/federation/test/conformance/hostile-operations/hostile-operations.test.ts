import { describe, expect, test } from '@jest/globals';
import { Kind, parse } from 'graphql';
import { checkLimits, defaultLimits } from '../../../src/operation/limits.ts';
import { CountedPlanning } from '../../support/counted-planning.ts';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const a = {
  sdl: `${FEDERATION_2} type Query { a: A } type A { a: A n: Int }`,
  answer: () => ({ data: { a: null } }),
};

const nested = (depth: number): string => `${'{ a '.repeat(depth)}{ n }${' }'.repeat(depth)}`;
const fragments = (count: number): string =>
  Array.from({ length: count }, (_, i) => `fragment F${i} on A { n }`).join(' ');
const fanOut = (levels: number): string =>
  `{ a { ...F0 } } ${Array.from({ length: levels }, (_, i) => `fragment F${i} on A { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`).join(' ')} fragment F${levels} on A { n }`;

describe('an operation over a limit is refused before it is validated or planned', () => {
  test.each([
    ['maxDepth', nested(20)],
    ['maxAliases', `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: a { n }`).join(' ')} }`],
    ['maxRootFields', `{ ${'a { n } '.repeat(51)} }`],
    ['maxSelections', `{ a { ${'n '.repeat(2_001)} } }`],
    ['maxAliases', fanOut(15)],
    ['maxSelections', fanOut(15).replaceAll('x: ', '').replaceAll('y: ', '')],
    ['maxTokens', `{ ${Array.from({ length: 10_000 }, (_, i) => `a${i}: a { n }`).join(' ')} }`],
    ['maxTokens', fragments(10_000)],
    ['maxFragments', fragments(201)],
    ['maxFragments', `{ a { n } } ${fragments(1_000)}`],
    ['repeats', `{ a { ${'a { n } '.repeat(101)} } }`],
    ['repeats', `{ a { ${'... on A { a { n } } '.repeat(101)} } }`],
    ['repeats', `{ a { ${'...F0 '.repeat(101)} } } ${fragments(1)}`],
    ['listDepth', `{ a(x: ${'['.repeat(9)}${']'.repeat(9)}) { n } }`],
  ])('%s', async (limit, query) => {
    const planning = new CountedPlanning();
    await using federation = await federate({ a }, { planning });
    const { data, errors } = await federation.query(query);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      { extensions: { code: 'OPERATION_TOO_COMPLEX', limit, max: expect.any(Number) } },
    ]);
    expect(planning.plans).toEqual([]);
  });

  test('fragments that spread each other again and again are measured once each', async () => {
    const levels = 199;
    const visited = new Set<unknown>();
    let visits = 0;
    const document = parse(fanOut(levels).replaceAll('x: ', '').replaceAll('y: ', ''), { noLocation: true });
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const { selectionSet } = definition;
      Object.defineProperty(definition, 'selectionSet', {
        get: () => {
          visits += 1;
          visited.add(definition);
          return selectionSet;
        },
      });
    }
    const limits = { ...defaultLimits, maxDepth: 1_000 };
    expect(() => checkLimits(document, limits)).toThrow('maxSelections');
    expect(visited.size).toBe(levels + 1);
    expect(visits).toBeLessThan(10 * levels);
  });

  test('tokens', async () => {
    await using federation = await federate({ a }, { limits: { maxTokens: 10 } });
    const { errors } = await federation.query('{ a { a { a { a { n } } } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COMPLEX' } }]);
  });

  test('a fragment that contains itself is left to validation', async () => {
    await using federation = await federate({ a });
    const { errors } = await federation.query('{ a { ...F } } fragment F on A { a { ...F } }');
    expect(errors![0]).toMatchObject({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
  });

  test('the limits themselves are allowed', async () => {
    await using federation = await federate({ a });
    expect((await federation.query(nested(19))).errors).toBeUndefined();
  });

  test.each([
    ['a thousand levels', `${'{ a '.repeat(1_000)}{ n }${' }'.repeat(1_000)}`],
    ['ten thousand aliases', `{ ${Array.from({ length: 10_000 }, (_, i) => `a${i}: a { n }`).join(' ')} }`],
    ['fragments in fragments', `${'{ ... '.repeat(3_300)}{ __typename }${' }'.repeat(3_300)}`],
    [
      'lists in lists, which the planner takes exponential time for',
      `{ any(x: ${'['.repeat(30)}${']'.repeat(30)}) }`,
    ],
    ['lists without end', `{ any(x: ${'['.repeat(4_900)}${']'.repeat(4_900)}) }`],
    ['maps without end', `{ any(x: ${'{ a: '.repeat(2_400)}1${' }'.repeat(2_400)}) }`],
  ])('%s', async (_, query) => {
    const any = { sdl: `${FEDERATION_2} scalar Any type Query { any(x: Any): Int }` };
    await using federation = await federate({ a, any });
    const { data, errors } = await federation.query(query);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COMPLEX' } }]);
    expect(federation.fetches).toEqual([]);
  });

  test('lists that somebody would write are none of these', async () => {
    const any = {
      sdl: `${FEDERATION_2} scalar Any type Query { any(x: Any): Int }`,
      answer: () => ({ data: { any: 1 } }),
    };
    await using federation = await federate({ any });
    expect(await federation.query('{ any(x: [[[[1, 2], [3]]], { a: [[4]] }]) }')).toEqual({
      data: { any: 1 },
    });
  });
});

test.each([
  ['a fragment that spreads itself', '{ a { ...F } } fragment F on A { a { ...F } }'],
  ['fragments in a ring', '{ a { ...F } } fragment F on A { ...G } fragment G on A { ...F }'],
  [
    'two hundred fragments that spread each other in rings',
    `{ a { ...F0 } } ${Array.from({ length: 200 }, (_, i) => `fragment F${i} on A { n a { ...F${(i + 1) % 200} ...F${(i + 2) % 200} } }`).join(' ')}`,
  ],
  ['a name of two hundred thousand letters', `{ ${'a'.repeat(200_000)} }`],
  ['a text of two hundred thousand letters', `{ a(x: "${'a'.repeat(200_000)}") { n } }`],
])('%s is refused, and never planned', async (_, query) => {
  const planning = new CountedPlanning();
  await using federation = await federate({ a }, { planning });
  const { data, errors } = await federation.query(query);
  expect(data).toBeUndefined();
  expect(['GRAPHQL_VALIDATION_FAILED', 'OPERATION_TOO_COMPLEX']).toContain(errors![0]!.extensions!.code);
  expect(planning.plans).toEqual([]);
  expect(federation.fetches).toEqual([]);
});

test.each(['defer', 'stream'])('@%s gets an error that says so', async (name) => {
  await using federation = await federate({ a });
  const { data, errors } = await federation.query(`{ a { ... @${name} { n } } }`);
  expect(data).toBeUndefined();
  expect(errors).toMatchObject([
    {
      message: `"@${name}" is not supported: an answer is sent whole. Leave the directive out.`,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    },
  ]);
});

test('a list of a hundred thousand wrong values gets no more than twenty errors, and is sent nowhere', async () => {
  const planning = new CountedPlanning();
  const listed = { sdl: `${FEDERATION_2} type Query { sum(of: [Int!]!): Int }` };
  await using federation = await federate({ listed }, { planning });
  const of = Array.from({ length: 100_000 }, () => 'one');
  const { data, errors } = await federation.query('query ($of: [Int!]!) { sum(of: $of) }', { of });
  expect(data).toBeUndefined();
  expect(errors!.length).toBeLessThanOrEqual(21);
  expect(errors![0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  expect([planning.plans, federation.fetches]).toEqual([[], []]);
});

test("variables without end are the client's fault", async () => {
  const self = { sdl: `${FEDERATION_2} type Query { any(x: In): Int } input In { in: In }` };
  await using federation = await federate({ self });
  const x = JSON.parse(`${'{"in":'.repeat(20_000)}null${'}'.repeat(20_000)}`);
  const { data, errors } = await federation.query('query ($x: In) { any(x: $x) }', { x });
  expect(data).toBeUndefined();
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
