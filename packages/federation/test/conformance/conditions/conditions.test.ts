import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const people = {
  sdl: `${FEDERATION_2} type Query { people: [Person] } interface Person { id: ID! }
    type Author implements Person @key(fields: "id") { id: ID! name: String }
    type Reader implements Person @key(fields: "id") { id: ID! }`,
  resolvers: {
    Query: {
      people: () => [
        { __typename: 'Author', id: 'a', name: 'Ada' },
        { __typename: 'Reader', id: 'r' },
      ],
    },
  },
};
const counts = {
  sdl: `${FEDERATION_2} type Author @key(fields: "id") { id: ID! books: Int } type Reader @key(fields: "id") { id: ID! visits: Int }`,
  resolvers: { Author: { books: () => 3 }, Reader: { visits: () => 7 } },
};

/** What the query answers, and which subgraphs it asked. */
async function answer(query: string, variables?: Record<string, unknown>) {
  await using federation = await federate({ people, counts });
  const { data, errors } = await federation.query(query, variables);
  return { people: data?.people, errors, asked: federation.fetches.map(({ subgraph }) => subgraph) };
}

describe('@skip and @include', () => {
  test.each([
    ['true', [{ books: 3 }, {}], ['people', 'counts']],
    ['false', [{}, {}], ['people']],
  ])('on a field of an entity, by a variable that is %s', async (on, expected, asked) => {
    const query = 'query ($on: Boolean!) { people { ... on Author { books @include(if: $on) } } }';
    expect(await answer(query, { on: on === 'true' })).toEqual({
      people: expected,
      errors: undefined,
      asked,
    });
  });

  test.each([
    ['true', [{ name: 'Ada' }, { visits: 7 }]],
    ['false', [{ name: 'Ada', books: 3 }, {}]],
  ])('on fragments with type conditions, by a variable that is %s', async (on, expected) => {
    const query = `query ($on: Boolean!) {
      people { ... on Author { name } ... on Reader @include(if: $on) { visits } ...Books @skip(if: $on) }
    } fragment Books on Author { books }`;
    expect((await answer(query, { on: on === 'true' })).people).toEqual(expected);
  });

  test('both on one field: it is there only when neither is against it', async () => {
    const query = `query ($yes: Boolean!, $no: Boolean!) { people { ... on Author {
      a: books @skip(if: $no) @include(if: $yes) b: books @skip(if: $yes) @include(if: $yes) c: books @skip(if: $no) @include(if: $no)
    } } }`;
    expect((await answer(query, { yes: true, no: false })).people).toEqual([{ a: 3 }, {}]);
  });

  test('a field that one selection skips and another does not is there', async () => {
    const query =
      'query ($on: Boolean = true) { people { ... on Author { books @skip(if: $on) } ... on Author { books } } }';
    expect((await answer(query)).people).toEqual([{ books: 3 }, {}]);
  });

  test('one document, answered by turns: each time as its variables say', async () => {
    await using federation = await federate({ people, counts });
    const query =
      'query ($a: Boolean!, $b: Boolean!) { people { ... on Author { name @include(if: $a) books @include(if: $b) } } }';
    for (const [a, b] of [
      [true, false],
      [false, true],
      [true, true],
      [false, false],
      [true, false],
    ] as const) {
      const { data } = await federation.query(query, { a, b });
      expect(data!.people).toEqual([{ ...(a && { name: 'Ada' }), ...(b && { books: 3 }) }, {}]);
    }
  });
});
