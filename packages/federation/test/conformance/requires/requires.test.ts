import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

type Order = Record<string, unknown>;

const sales = {
  sdl: `${FEDERATION_2} type Query { order: Order } type Order @key(fields: "id") {
    id: ID! items: [Int!] @external total: Int @requires(fields: "items") note: String
  }`,
  resolvers: {
    Query: { order: () => ({ id: '1', note: 'n' }) },
    Order: { total: ({ items }: Order) => (items as number[]).reduce((sum, item) => sum + item, 0) },
  },
};
const stock = {
  sdl: `${FEDERATION_2} type Order @key(fields: "id") {
    id: ID! items: [Int!] total: Int @external discounted: String @requires(fields: "total")
  }`,
  resolvers: { Order: { items: () => [1, 2, 4], discounted: ({ total }: Order) => `90 % of ${total}` } },
};

describe('a chain of requirements that goes back and forth between two subgraphs', () => {
  test.each([
    ['asked for at its end', '{ order { discounted } }', { discounted: '90 % of 7' }],
    [
      'with its links',
      '{ order { discounted total items } }',
      { discounted: '90 % of 7', total: 7, items: [1, 2, 4] },
    ],
    [
      'beside other fields',
      '{ order { note discounted id } }',
      { note: 'n', discounted: '90 % of 7', id: '1' },
    ],
    ['asked for in the middle', '{ order { total } }', { total: 7 }],
  ])('is computed from its beginning: %s', async (_, query, order) => {
    await using federation = await federate({ sales, stock });
    expect(await federation.query(query)).toEqual({ data: { order } });
  });

  test('asks no subgraph for a field that it only knows as @external', async () => {
    await using federation = await federate({ sales, stock });
    await federation.query('{ order { discounted } }');
    for (const { subgraph, query } of federation.fetches)
      if (subgraph === 'sales') expect(query).not.toContain('items');
  });
});

describe('a link of a chain that its own subgraph requires too, of another entity', () => {
  test('is computed from its beginning, and so is what requires it', async () => {
    const selling = {
      sdl: `${sales.sdl} type Customer @key(fields: "id") { id: ID! last: Order @external bill: String @requires(fields: "last { total }") }`,
      resolvers: {
        ...sales.resolvers,
        Customer: { bill: ({ last }: { last: Order }) => `to pay: ${last.total}` },
      },
    };
    const storing = {
      sdl: stock.sdl.replace(
        'type Order',
        'type Customer @key(fields: "id") { id: ID! last: Order } type Query { customer: Customer } type Order',
      ),
      resolvers: {
        ...stock.resolvers,
        Query: { customer: () => ({ id: 'c' }) },
        Customer: { last: () => ({ id: '1' }) },
      },
    };
    await using federation = await federate({ selling, storing });
    expect(await federation.query('{ customer { bill last { discounted } } }')).toEqual({
      data: { customer: { bill: 'to pay: 7', last: { discounted: '90 % of 7' } } },
    });
  });
});

describe('@requires of a field that takes arguments, and is given none', () => {
  test("does not mix with the client's use of the field", async () => {
    const prices = {
      sdl: `${FEDERATION_2} type Query { item: Item } type Item @key(fields: "id") { id: ID! price(currency: String): String }`,
      resolvers: {
        Query: { item: () => ({ id: '1' }) },
        Item: { price: (_: unknown, { currency }: { currency?: string }) => `7 ${currency ?? 'EUR'}` },
      },
    };
    const labels = {
      sdl: `${FEDERATION_2} type Item @key(fields: "id") { id: ID! price(currency: String): String @external label: String @requires(fields: "price") }`,
      resolvers: { Item: { label: ({ price }: { price: string }) => `only ${price}` } },
    };
    await using federation = await federate({ prices, labels });
    expect(await federation.query('{ item { price(currency: "USD") label } }')).toEqual({
      data: { item: { price: '7 USD', label: 'only 7 EUR' } },
    });
  });
});

describe('@requires through another entity', () => {
  const makers = {
    sdl: `${FEDERATION_2} type Query { item: Item } type Item @key(fields: "id") { id: ID! makers: [Maker] }
      type Maker @key(fields: "id") { id: ID! }`,
    resolvers: { Query: { item: () => ({ id: '1', makers: [{ id: 'm' }, null] }) } },
  };
  const countries = {
    sdl: `${FEDERATION_2} type Maker @key(fields: "id") { id: ID! country: String }`,
    resolvers: { Maker: { country: () => 'DE' } },
  };
  const duties = {
    sdl: `${FEDERATION_2} type Item @key(fields: "id") { id: ID! makers: [Maker] @external duty: String @requires(fields: "makers { country }") }
      type Maker @key(fields: "id") { id: ID! country: String @external }`,
    resolvers: { Item: { duty: ({ makers: all }: Order) => JSON.stringify(all) } },
  };

  test('sends what it found there, holes included', async () => {
    await using federation = await federate({ makers, countries, duties });
    expect(await federation.query('{ item { duty } }')).toEqual({
      data: { item: { duty: expect.stringMatching(/^\[\{.*"country":"DE".*\},null\]$/) } },
    });
  });

  test('is not computed out of a null where the fetch for it failed', async () => {
    const answer = () => ({ errors: [{ message: 'no countries' }] });
    await using federation = await federate({ makers, countries: { ...countries, answer }, duties });
    const { data, errors } = await federation.query('{ item { duty } }');
    expect(data).toEqual({ item: { duty: null } });
    expect(errors).toMatchObject([{ message: 'no countries' }]);
    expect(federation.fetches.map(({ subgraph }) => subgraph)).not.toContain('duties');
  });
});
