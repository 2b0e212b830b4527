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
});
