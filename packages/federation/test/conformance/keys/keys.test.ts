import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

describe('an entity is found', () => {
  test('by a compound, nested key', async () => {
    const a = {
      sdl: `${FEDERATION_2} type Query { seat: Seat } type Seat @key(fields: "row place { hall { name } }") { row: Int! place: Place! }
        type Place @shareable { hall: Hall! } type Hall @shareable { name: String! }`,
      resolvers: { Query: { seat: () => ({ row: 3, place: { hall: { name: 'A' } } }) } },
    };
    const b = {
      sdl: a.sdl.replace('type Query { seat: Seat }', '').replace('row: Int!', 'row: Int! price: Int'),
      resolvers: {
        Seat: {
          price: ({ row, place }: { row: number; place: { hall: { name: string } } }) =>
            place.hall.name === 'A' ? row * 10 : 0,
        },
      },
    };
    await using federation = await federate({ a, b });
    expect(await federation.query('{ seat { price } }')).toEqual({ data: { seat: { price: 30 } } });
    expect(federation.fetches[1]!.variables).toEqual({
      representations: [{ __typename: 'Seat', row: 3, place: { hall: { name: 'A' } } }],
    });
  });

  test('through a third subgraph that knows both of its keys', async () => {
    const a = {
      sdl: `${FEDERATION_2} type Query { u: U } type U @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { u: () => ({ id: '7' }) } },
    };
    const b = {
      sdl: `${FEDERATION_2} type U @key(fields: "id") @key(fields: "mail") { id: ID! mail: String! }`,
      resolvers: { U: { __resolveReference: ({ id }: { id: string }) => ({ id, mail: `m${id}` }) } },
    };
    const c = {
      sdl: `${FEDERATION_2} type U @key(fields: "mail") { mail: String! n: String }`,
      resolvers: { U: { n: ({ mail }: { mail: string }) => `n of ${mail}` } },
    };
    await using federation = await federate({ a, b, c });
    expect(await federation.query('{ u { n } }')).toEqual({ data: { u: { n: 'n of m7' } } });
  });

  test('again, for a requirement, by the key that its subgraph resolves, whichever is written first', async () => {
    const a = {
      sdl: `${FEDERATION_2} type U @key(fields: "id") @key(fields: "mail", resolvable: false) { id: ID! mail: String! name: String }`,
      resolvers: { U: { name: () => 'Ada' } },
    };
    const b = {
      sdl: `${FEDERATION_2} type Query { u: U }
        type U @key(fields: "mail", resolvable: false) @key(fields: "id mail") {
          id: ID! mail: String! name: String @external greeting: String @requires(fields: "name")
        }`,
      resolvers: {
        Query: { u: () => ({ id: '7', mail: 'm' }) },
        U: { greeting: ({ name, id }: { name: string; id?: string }) => (id ? `Hi ${name}` : 'who?') },
      },
    };
    await using federation = await federate({ a, b });
    expect(await federation.query('{ u { greeting } }')).toEqual({ data: { u: { greeting: 'Hi Ada' } } });
  });
});
