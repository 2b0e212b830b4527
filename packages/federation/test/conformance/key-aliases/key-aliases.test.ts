import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const users = {
  sdl: `${FEDERATION_2} type Query { user: User } type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: String }`,
  resolvers: { Query: { user: () => ({ id: '1', email: 'ada@example.org', name: 'Ada' }) } },
};
const posts = {
  sdl: `${FEDERATION_2} type User @key(fields: "email") { email: String! posts: Int }`,
  resolvers: { User: { posts: ({ email }: { email: string }) => (email === 'ada@example.org' ? 7 : -1) } },
};

describe('an alias that spells a name of the plan', () => {
  test.each([
    ['a key', '{ user { email: id posts } }', { email: '1', posts: 7 }],
    [
      'a key, with the key beside it',
      '{ user { email: id mail: email posts } }',
      { email: '1', mail: 'ada@example.org', posts: 7 },
    ],
    ['__typename', '{ user { __typename: name posts } }', { __typename: 'Ada', posts: 7 }],
    ['a key, of __typename', '{ user { email: __typename posts } }', { email: 'User', posts: 7 }],
    [
      'our own prefix',
      '{ user { _alias_email: id email: name posts } }',
      { _alias_email: '1', email: 'Ada', posts: 7 },
    ],
    [
      'a generated alias',
      '{ user { name__alias_0: id name posts } }',
      { name__alias_0: '1', name: 'Ada', posts: 7 },
    ],
    [
      'a property of every object',
      '{ user { toString: id constructor: name posts } }',
      { toString: '1', constructor: 'Ada', posts: 7 },
    ],
  ])('feeds nothing wrong into a fetch: %s', async (_, query, user) => {
    await using federation = await federate({ users, posts });
    expect(await federation.query(query)).toEqual({ data: { user } });
  });

  test('may be __proto__', async () => {
    await using federation = await federate({ users, posts });
    const { data } = await federation.query('{ user { __proto__: id posts } }');
    expect(JSON.stringify(data)).toBe('{"user":{"__proto__":"1","posts":7}}');
  });

  test("is the client's again in an error's path", async () => {
    const broken = {
      sdl: users.sdl,
      resolvers: {
        Query: {
          user: () => ({
            email: 'e',
            get id() {
              throw new Error('no id');
            },
          }),
        },
      },
    };
    await using federation = await federate({ users: broken, posts });
    const { errors } = await federation.query('{ user { posts email: id } }');
    expect(errors).toMatchObject([{ message: 'no id', path: ['user', 'email'] }]);
  });
});
