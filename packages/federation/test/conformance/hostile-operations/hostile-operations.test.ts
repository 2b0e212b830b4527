import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const a = {
  sdl: `${FEDERATION_2} type Query { a: A } type A { a: A n: Int }`,
  answer: () => ({ data: { a: null } }),
};

const nested = (depth: number): string => `${'{ a '.repeat(depth)}{ n }${' }'.repeat(depth)}`;
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
  ])('%s', async (limit, query) => {
    await using federation = await federate({ a });
    const { data, errors } = await federation.query(query);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COMPLEX', limit } }]);
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

test("variables without end are the client's fault", async () => {
  const self = { sdl: `${FEDERATION_2} type Query { any(x: In): Int } input In { in: In }` };
  await using federation = await federate({ self });
  const x = JSON.parse(`${'{"in":'.repeat(20_000)}null${'}'.repeat(20_000)}`);
  const { data, errors } = await federation.query('query ($x: In) { any(x: $x) }', { x });
  expect(data).toBeUndefined();
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
