import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const catalog = {
  sdl: `${FEDERATION_2} type Query { book: Book } type Book @key(fields: "id") { id: ID! pages: Int }`,
  resolvers: { Query: { book: () => ({ id: '1', pages: 7 }) } },
};
const post = {
  sdl: `${FEDERATION_2} type Book @key(fields: "id") { id: ID! pages: Int @external postage: Int @requires(fields: "pages") stock: Int! }`,
  resolvers: { Book: { postage: ({ pages }: { pages: number }) => pages * 2, stock: () => 3 } },
};
const query = 'query ($skip: Boolean!) { book { postage @skip(if: $skip) stock } }';

describe('a conditional field that requires another', () => {
  test('takes no other field of the entity along when its condition is off', async () => {
    await using federation = await federate({ catalog, post });
    expect(await federation.query(query, { skip: true })).toEqual({ data: { book: { stock: 3 } } });
    expect(await federation.query(query, { skip: false })).toEqual({
      data: { book: { postage: 14, stock: 3 } },
    });
  });

  test('costs the fetch of its requirement only when its condition is on', async () => {
    await using federation = await federate({ catalog, post });
    await federation.query(query, { skip: true });
    expect(federation.fetches[0]!.query).not.toContain('pages');
  });
});
