import { expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

test('a provided field is taken where it is provided, and fetched where it is not', async () => {
  const users = {
    sdl: `${FEDERATION_2} type User @key(fields: "id") { id: ID! name: String @shareable }`,
    resolvers: { User: { name: () => 'from users' } },
  };
  const posts = {
    sdl: `${FEDERATION_2} type Query { first: Post last: Post } type Post { author: User @provides(fields: "name") editor: User }
      type User @key(fields: "id") { id: ID! name: String @external }`,
    resolvers: {
      Query: { first: () => ({ author: { id: '1', name: 'provided' }, editor: { id: '2' } }) },
    },
  };
  await using federation = await federate({ users, posts });
  expect(await federation.query('{ first { author { name } } }')).toEqual({
    data: { first: { author: { name: 'provided' } } },
  });
  expect(federation.fetches).toHaveLength(1);
  expect(await federation.query('{ first { editor { name } } }')).toEqual({
    data: { first: { editor: { name: 'from users' } } },
  });
});
