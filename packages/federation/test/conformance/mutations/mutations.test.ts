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

  test('returns entities that other subgraphs complete, each before the next mutation begins', async () => {
    const calls: string[] = [];
    const orders = {
      sdl: `${FEDERATION_2} type Query { a: Int } type Mutation { place(n: Int!): Order! } type Order @key(fields: "id") { id: ID! }`,
      resolvers: {
        Mutation: {
          place: (_: unknown, { n }: { n: number }) => {
            calls.push(`place ${n}`);
            return { id: String(n) };
          },
        },
      },
    };
    const bills = {
      sdl: `${FEDERATION_2} type Order @key(fields: "id") { id: ID! total: Int! }`,
      resolvers: {
        Order: {
          total: ({ id }: { id: string }) => {
            calls.push(`total ${id}`);
            return Number(id) * 10;
          },
        },
      },
    };
    const log = {
      sdl: `${FEDERATION_2} type Mutation { note: Boolean }`,
      resolvers: { Mutation: { note: () => calls.push('note') > 0 } },
    };
    await using federation = await federate({ orders, bills, log });
    expect(
      await federation.query('mutation { x: place(n: 1) { total } note y: place(n: 2) { id total } }'),
    ).toEqual({
      data: { x: { total: 10 }, note: true, y: { id: '2', total: 20 } },
    });
    expect(calls.filter((call) => !call.startsWith('total'))).toEqual(['place 1', 'note', 'place 2']);
  });

  test('that failed where null is not allowed takes all data with it, and the others have run', async () => {
    const ran: string[] = [];
    const subgraph = (name: string, fails: boolean) => ({
      sdl: `${FEDERATION_2} type Query { ${name}: Int } type Mutation { ${name}: Int! }`,
      resolvers: {
        Mutation: {
          [name]: () => {
            ran.push(name);
            if (fails) throw new Error('no');
            return 1;
          },
        },
      },
    });
    await using federation = await federate({ a: subgraph('a', true), b: subgraph('b', false) });
    const { data, errors } = await federation.query('mutation { a b }');
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message: 'no', path: ['a'], extensions: { service: 'a' } }]);
    expect(ran).toEqual(['a', 'b']);
  });
});
