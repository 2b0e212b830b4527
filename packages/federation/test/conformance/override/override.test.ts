import { expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

test('an overridden field comes from the subgraph that took it over', async () => {
  const old = {
    sdl: `${FEDERATION_2} type Query { item: Item } type Item @key(fields: "id") { id: ID! price: Int }`,
    resolvers: { Query: { item: () => ({ id: '1', price: 1 }) } },
  };
  const fresh = {
    sdl: `${FEDERATION_2} type Item @key(fields: "id") { id: ID! price: Int @override(from: "old") }`,
    resolvers: { Item: { price: () => 2 } },
  };
  await using federation = await federate({ old, fresh });
  expect(await federation.query('{ item { price } }')).toEqual({ data: { item: { price: 2 } } });
});
