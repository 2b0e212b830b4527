import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const catalog = {
  sdl: `${FEDERATION_2} type Query { things: [Thing] any: [Any] n(x: Int): Int }
    interface Thing { id: ID! }
    union Any = Book | Film
    type Book implements Thing @key(fields: "id") { id: ID! title: String pages: Int }
    type Film implements Thing @key(fields: "id") { id: ID! title: String! minutes: Int }`,
  resolvers: {
    Query: {
      things: () => [
        { __typename: 'Book', id: 'b', title: 'T', pages: 9 },
        { __typename: 'Film', id: 'f', title: 'F', minutes: 8 },
      ],
      any: () => [{ __typename: 'Film', id: 'f', title: 'F', minutes: 8 }],
      n: (_: unknown, { x }: { x: number }) => x,
    },
  },
};
const extra = {
  sdl: `${FEDERATION_2} type Book @key(fields: "id") { id: ID! stars: Int } type Film @key(fields: "id") { id: ID! stars: Int }`,
  resolvers: { Book: { stars: () => 1 }, Film: { stars: () => 2 } },
};

describe('the answer', () => {
  test("has the client's fields in the order of CollectFields, whatever order they were fetched in", async () => {
    await using federation = await federate({ catalog, extra });
    const query = `{ things { ...S id ... on Book { z: pages b: title } ... on Film { a: id z: minutes } } n(x: 1) }
      fragment S on Thing { __typename ... on Book { stars } ... on Film { stars id } }`;
    const { data } = await federation.query(query);
    expect(JSON.stringify(data)).toBe(
      '{"things":[{"__typename":"Book","stars":1,"id":"b","z":9,"b":"T"},{"__typename":"Film","stars":2,"id":"f","a":"f","z":8}],"n":1}',
    );
  });

  test('has what is skipped nowhere, and asks no subgraph for it', async () => {
    await using federation = await federate({ catalog, extra });
    const query = `query ($yes: Boolean!, $no: Boolean = false) {
      any { ... on Film { stars @include(if: $no) title @skip(if: $no) minutes @include(if: $yes) @skip(if: $yes) } }
      n(x: 1) @skip(if: true)
    }`;
    expect(await federation.query(query, { yes: true })).toEqual({ data: { any: [{ title: 'F' }] } });
    expect(federation.fetches.map(({ subgraph }) => subgraph)).toEqual(['catalog']);
  });

  test('is empty when everything is skipped', async () => {
    await using federation = await federate({ catalog, extra });
    expect(await federation.query('{ n(x: 1) @skip(if: true) }')).toEqual({ data: {} });
    expect(await federation.query('query ($v: Boolean!) { n(x: 1) @include(if: $v) }', { v: false })).toEqual(
      { data: {} },
    );
    expect(federation.fetches).toEqual([]);
  });

  test('merges the selections of one name', async () => {
    await using federation = await federate({ catalog, extra });
    expect(await federation.query('{ any { ... on Film { title } } any { ... on Film { stars } } }')).toEqual(
      {
        data: { any: [{ title: 'F', stars: 2 }] },
      },
    );
  });
});
