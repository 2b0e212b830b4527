import { expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const part = (field: string, value: number) => ({
  sdl: `${FEDERATION_2} type Query { shop: Shop @shareable } type Shop { both: Int @shareable ${field}: Int }`,
  resolvers: { Query: { shop: () => ({ both: 0, [field]: value }) } },
});

test('a value type is put together out of every subgraph that has a part of it', async () => {
  await using federation = await federate({ a: part('a', 1), b: part('b', 2) });
  expect(await federation.query('{ shop { b both a } }')).toEqual({
    data: { shop: { b: 2, both: 0, a: 1 } },
  });
});

test('a shared field is asked for once, where other fields are asked for anyway', async () => {
  await using federation = await federate({ a: part('a', 1), b: part('b', 2) });
  expect(await federation.query('{ shop { b both } }')).toEqual({ data: { shop: { b: 2, both: 0 } } });
  expect(federation.fetches.map(({ subgraph }) => subgraph)).toEqual(['b']);
});
