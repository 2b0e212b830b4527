import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const media = {
  sdl: `${FEDERATION_2} type Query { found: [Media] titled: [Titled] }
    union Media = Book | Film
    interface Titled { title: String }
    type Book implements Titled @key(fields: "id") { id: ID! title: String }
    type Film implements Titled @key(fields: "id") { id: ID! title: String }`,
  resolvers: {
    Query: {
      found: () => [{ __typename: 'Film', id: 'f' }, null, { __typename: 'Book', id: 'b', title: 'B' }],
      titled: () => [
        { __typename: 'Book', id: 'b', title: 'B' },
        { __typename: 'Film', id: 'f', title: 'F' },
      ],
    },
  },
};
const shop = {
  sdl: `${FEDERATION_2} type Query { sold: [Media] } union Media = Book | Record
    interface Priced { price: Int }
    type Book implements Priced @key(fields: "id") { id: ID! price: Int }
    type Film implements Priced @key(fields: "id") { id: ID! price: Int minutes: Int }
    type Record @key(fields: "id") { id: ID! rpm: Int }`,
  resolvers: {
    Query: {
      sold: () => [
        { __typename: 'Record', id: 'r', rpm: 33 },
        { __typename: 'Book', id: 'b', price: 5 },
      ],
    },
    Book: { price: () => 5 },
    Film: { price: () => 9, minutes: () => 90 },
  },
};

describe('unions and interfaces across subgraphs', () => {
  test('each member is completed by the subgraphs that know it, in its place of the list', async () => {
    await using federation = await federate({ media, shop });
    const query =
      '{ found { __typename ... on Book { title price } ... on Film { minutes } ... on Record { rpm } } }';
    expect(await federation.query(query)).toEqual({
      data: {
        found: [{ __typename: 'Film', minutes: 90 }, null, { __typename: 'Book', title: 'B', price: 5 }],
      },
    });
  });

  test('members that only one subgraph knows come from there', async () => {
    await using federation = await federate({ media, shop });
    expect(
      await federation.query(
        '{ sold { ... on Record { rpm } ... on Film { minutes } ... on Book { title } } }',
      ),
    ).toEqual({
      data: { sold: [{ rpm: 33 }, { title: null }] },
    });
  });

  test('an interface of one subgraph is asked of objects that another hands out', async () => {
    await using federation = await federate({ media, shop });
    expect(await federation.query('{ titled { title ... on Priced { price } } }')).toEqual({
      data: {
        titled: [
          { title: 'B', price: 5 },
          { title: 'F', price: 9 },
        ],
      },
    });
  });

  test('one response name may mean different fields of different members', async () => {
    await using federation = await federate({ media, shop });
    expect(
      await federation.query('{ found { ... on Film { n: minutes } ... on Book { n: price } } }'),
    ).toEqual({
      data: { found: [{ n: 90 }, null, { n: 5 }] },
    });
  });
});
