import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const catalog = {
  sdl: `${FEDERATION_2} type Query { item: Item } type Item @key(fields: "id") { id: ID! weight: Int size: Int }`,
  resolvers: { Query: { item: () => ({ id: '1' }) }, Item: { weight: () => 2, size: () => 9 } },
};
const post = {
  sdl: `${FEDERATION_2} type Query { parcel: Item }
    type Item @key(fields: "id") { id: ID! weight: Int @external postage: Int @requires(fields: "weight") }`,
  resolvers: {
    Query: { parcel: () => ({ id: '1', weight: 666 }) },
    Item: { postage: ({ weight }: { weight: number }) => weight * 10 },
  },
};

describe('an @external field', () => {
  test('is never taken from the subgraph that only mentions it', async () => {
    await using federation = await federate({ catalog, post });
    expect(await federation.query('{ parcel { weight postage size } }')).toEqual({
      data: { parcel: { weight: 2, postage: 20, size: 9 } },
    });
    for (const { subgraph, query } of federation.fetches)
      if (subgraph === 'post') expect(query).not.toContain('weight');
  });

  test('is sent along only for the fields that require it', async () => {
    await using federation = await federate({ catalog, post });
    await federation.query('{ item { weight } }');
    expect(federation.fetches.map(({ subgraph }) => subgraph)).toEqual(['catalog']);
    await federation.query('{ item { postage } }');
    expect(federation.fetches.at(-1)!.variables).toEqual({
      representations: [{ __typename: 'Item', id: '1', weight: 2 }],
    });
  });
});
