import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

describe('a mutation', () => {
  test('runs its root fields one after the other, over subgraphs, and past a failure', async () => {
    const calls: string[] = [];
    const subgraph = (name: string) => ({
      sdl: `${FEDERATION_2} type Query { ${name}: Int } type Mutation { ${name}(n: Int): Int }`,
      resolvers: {
        Mutation: {
          [name]: async (_: unknown, { n }: { n: number }) => {
            calls.push(`${name}${n} begins`);
            await new Promise((resolve) => setImmediate(resolve));
            calls.push(`${name}${n} ends`);
            if (n === 2) throw new Error('two');
            return n;
          },
        },
      },
    });
    await using federation = await federate({ a: subgraph('a'), b: subgraph('b') });
    const { data, errors } = await federation.query('mutation { x: a(n: 1) b(n: 2) y: a(n: 3) }');
    expect(data).toEqual({ x: 1, b: null, y: 3 });
    expect(errors).toMatchObject([{ message: 'two', path: ['b'] }]);
    expect(calls).toEqual(['a1', 'b2', 'a3'].flatMap((call) => [`${call} begins`, `${call} ends`]));
  });
});
