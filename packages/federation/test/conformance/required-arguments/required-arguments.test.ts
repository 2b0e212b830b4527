import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const rates: Record<string, number> = { USD: 1, EUR: 2, GBP: 3 };

const catalog = {
  sdl: `${FEDERATION_2} type Query { product: Product } type Product @key(fields: "id") { id: ID! price(currency: String!): Int weight: Int }`,
  resolvers: {
    Query: { product: () => ({ id: 'p' }) },
    Product: { price: (_: unknown, { currency }: { currency: string }) => rates[currency], weight: () => 10 },
  },
};

const shipping = {
  sdl: `${FEDERATION_2} type Product @key(fields: "id") {
    id: ID! price(currency: String!): Int @external weight: Int @external
    inDollars: Int @requires(fields: "price(currency: \\"USD\\") weight")
    inEuros(times: Int = 1): Int @requires(fields: "price(currency: \\"EUR\\") weight")
    name: String
  }`,
  resolvers: {
    Product: {
      inDollars: ({ price, weight }: Record<string, number>) => price! * weight!,
      inEuros: ({ price, weight }: Record<string, number>, { times }: { times: number }) =>
        price! * weight! * times,
      name: () => 'Chair',
    },
  },
};

describe('@requires of a field with arguments', () => {
  test("does not mix with the client's use of the field", async () => {
    await using federation = await federate({ catalog, shipping });
    expect(await federation.query('{ product { price(currency: "GBP") inDollars } }')).toEqual({
      data: { product: { price: 3, inDollars: 10 } },
    });
  });

  test('does not mix with another requirement of the field: the fetches are split', async () => {
    await using federation = await federate({ catalog, shipping }, { executor: 'plain' });
    const answer = await federation.query(
      'query ($n: Int) { product { inDollars inEuros(times: $n) name } }',
      { n: 3 },
    );
    expect(answer).toEqual({ data: { product: { inDollars: 10, inEuros: 60, name: 'Chair' } } });
    const sent = federation.fetches.filter(({ subgraph }) => subgraph === 'shipping');
    expect(sent.map(({ variables }) => variables)).toEqual([
      { representations: [{ __typename: 'Product', id: 'p', price: 1, weight: 10 }] },
      { representations: [{ __typename: 'Product', id: 'p', price: 2, weight: 10 }], n: 3 },
    ]);
  });

  test('places an error of the required field where the client can see it', async () => {
    const noPrice = () => {
      throw new Error('no price');
    };
    const broken = { ...catalog, resolvers: { ...catalog.resolvers, Product: { price: noPrice } } };
    await using federation = await federate({ catalog: broken, shipping });
    const { errors } = await federation.query('{ product { inDollars } }');
    expect(errors).toMatchObject([{ message: 'no price', path: ['product'] }]);
  });
});
