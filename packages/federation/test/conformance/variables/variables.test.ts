import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const a = {
  sdl: `${FEDERATION_2} type Query { sum(in: In!): Int echo(x: JSON): JSON } input In { a: Int! b: Int = 5 } scalar JSON`,
  resolvers: {
    Query: {
      sum: (_: unknown, { in: { a, b } }: { in: { a: number; b: number } }) => a + b,
      echo: (_: unknown, { x }: { x: unknown }) => x,
    },
  },
};

describe('variables', () => {
  test('reach the subgraph as given; defaults are its own to fill in', async () => {
    await using federation = await federate({ a });
    expect(await federation.query('query ($in: In!) { sum(in: $in) }', { in: { a: 1 } })).toEqual({
      data: { sum: 6 },
    });
    expect(federation.fetches[0]?.variables).toEqual({ in: { a: 1 } });
    expect(await federation.query('query ($in: In! = { a: 2, b: 2 }) { sum(in: $in) }')).toEqual({
      data: { sum: 4 },
    });
  });

  test('of custom scalars pass through unchanged', async () => {
    await using federation = await federate({ a });
    const x = { deep: [1, { two: null }] };
    expect(await federation.query('query ($x: JSON) { echo(x: $x) }', { x })).toEqual({ data: { echo: x } });
  });

  test.each([
    ['missing', {}],
    ['of a wrong type', { in: { a: 'one' } }],
    ['with an unknown field', { in: { a: 1, c: 2 } }],
  ])('are refused before anything runs: %s', async (_, variables) => {
    await using federation = await federate({ a });
    const { data, errors } = await federation.query('query ($in: In!) { sum(in: $in) }', variables);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(federation.fetches).toEqual([]);
  });
});
