import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const media = {
  sdl: `${FEDERATION_2} interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String }
    type Query { media: [Media] }`,
  resolvers: {
    Query: {
      media: () => [
        { __typename: 'Book', id: '1', title: 'B', pages: 9 },
        { __typename: 'Film', id: '2', title: 'F' },
      ],
    },
    Media: {
      __resolveReference: ({ id }: { id: string }) =>
        id === '1'
          ? { __typename: 'Book', id, title: 'B', pages: 9 }
          : { __typename: 'Film', id, title: 'F' },
    },
  },
};
const ratings = {
  sdl: `${FEDERATION_2} type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int } type Query { best: [Media] }`,
  resolvers: {
    Query: { best: () => [{ id: '2' }, { id: '1' }] },
    Media: { stars: ({ id }: { id: string }) => Number(id) },
  },
};

describe('@interfaceObject', () => {
  test('adds a field to every implementation', async () => {
    await using federation = await federate({ media, ratings });
    expect(
      await federation.query('{ media { stars ... on Book { pages } ... on Film { stars title } } }'),
    ).toEqual({
      data: {
        media: [
          { stars: 1, pages: 9 },
          { stars: 2, title: 'F' },
        ],
      },
    });
  });

  test('hands out objects whose type another subgraph tells', async () => {
    await using federation = await federate({ media, ratings });
    expect(await federation.query('{ best { __typename stars title } }')).toEqual({
      data: {
        best: [
          { __typename: 'Film', stars: 2, title: 'F' },
          { __typename: 'Book', stars: 1, title: 'B' },
        ],
      },
    });
  });

  describe('with a requirement, told by another one', () => {
    const prizes = {
      sdl: `${FEDERATION_2} type Media @key(fields: "id") @interfaceObject {
        id: ID! title: String @external length: Int prize(year: Int): String @requires(fields: "title") }`,
      resolvers: {
        Media: {
          length: () => 3,
          prize: ({ title }: { title: string }, { year = 0 }: { year?: number }) => `${title} ${year}`,
        },
      },
    };

    test.each([
      ['under a type condition', '{ best { ... on Book { prize } } }', [{}, { prize: 'B 0' }]],
      [
        'in a fragment, deeper, under an alias',
        '{ best { ... on Book { ...F id } } } fragment F on Media { ... on Book { won: prize(year: 1) } }',
        [{}, { won: 'B 1', id: '1' }],
      ],
      [
        'beside the same for all',
        '{ best { prize ... on Book { prize pages } } }',
        [{ prize: 'F 0' }, { prize: 'B 0', pages: 9 }],
      ],
    ])('answers %s', async (_, query, best) => {
      await using federation = await federate({ media, ratings, prizes });
      expect(await federation.query(query)).toEqual({ data: { best } });
    });

    test('asks for those of the type alone where the types are known', async () => {
      await using federation = await federate({ media, ratings, prizes });
      expect(await federation.query('{ media { ... on Book { prize } } }')).toEqual({
        data: { media: [{ prize: 'B 0' }, {}] },
      });
      expect(federation.fetches.at(-1)).toMatchObject({
        subgraph: 'prizes',
        variables: { representations: [{ id: '1', title: 'B' }] },
      });
    });
  });

  test('asks nobody for a type that the client does not want to know', async () => {
    await using federation = await federate({ media, ratings });
    expect(await federation.query('{ best { id stars } }')).toEqual({
      data: {
        best: [
          { id: '2', stars: 2 },
          { id: '1', stars: 1 },
        ],
      },
    });
    expect(federation.fetches.map(({ subgraph }) => subgraph)).toEqual(['ratings']);
  });

  test('does not take back the type that another subgraph has told', async () => {
    await using federation = await federate({ media, ratings });
    expect(
      await federation.query(
        '{ best { ... on Book { __typename } ... on Book { stars } ... on Film { title } } }',
      ),
    ).toEqual({ data: { best: [{ title: 'F' }, { __typename: 'Book', stars: 1 }] } });
  });

  test.each([
    ['fails', { errors: [{ message: 'asleep' }] }, 'DOWNSTREAM_SERVICE_ERROR'],
    ['does not know the object', { data: { _entities: [null, null] } }, 'SUBGRAPH_INVALID_RESPONSE'],
  ])(
    'is null with an error where what is asked hangs on the type and who should tell it %s',
    async (_, answer, code) => {
      await using federation = await federate({ media: { ...media, answer: () => answer }, ratings });
      const { data, errors } = await federation.query('{ best { stars ... on Book { id } } }');
      expect(data).toEqual({ best: [null, null] });
      expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set([code]));
      expect((await federation.query('{ best { stars } }')).data).toEqual({
        best: [{ stars: 2 }, { stars: 1 }],
      });
    },
  );
});
