import { expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const accounts = {
  sdl: 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
  resolvers: { Query: { me: () => ({ id: '1', name: 'Ada' }) } },
};

test('subgraphs without @link are Federation 1: `extend type` with external keys', async () => {
  const reviews = {
    sdl: 'extend type User @key(fields: "id") { id: ID! @external reviews: Int }',
    resolvers: { User: { reviews: ({ id }: { id: string }) => Number(id) + 1 } },
  };
  await using federation = await federate({ accounts, reviews });
  expect(await federation.query('{ me { name reviews } }')).toEqual({
    data: { me: { name: 'Ada', reviews: 2 } },
  });
});

test('both versions compose together', async () => {
  const reviews = {
    sdl: `${FEDERATION_2} type User @key(fields: "id") { id: ID! reviews: Int }`,
    resolvers: { User: { reviews: () => 3 } },
  };
  await using federation = await federate({ accounts, reviews });
  expect(await federation.query('{ me { reviews } }')).toEqual({ data: { me: { reviews: 3 } } });
});
