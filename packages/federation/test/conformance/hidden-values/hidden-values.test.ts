import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

describe('what is @inaccessible', () => {
  test('is null with an error when a subgraph answers it, and the error does not name it', async () => {
    const sdl = `${FEDERATION_2} type Query { colour: Colour colours: [Colour] thing: Thing }
      enum Colour { RED SECRET @inaccessible } interface Thing { id: ID }
      type Open implements Thing { id: ID } type Vault implements Thing @inaccessible { id: ID }`;
    const answer = () => ({
      data: { colour: 'SECRET', colours: ['RED', 'SECRET'], thing: { __typename: 'Vault', id: '1' } },
    });
    await using federation = await federate({ a: { sdl, answer } });
    const { data, errors } = await federation.query('{ colour colours thing { id } }');
    expect(data).toEqual({ colour: null, colours: ['RED', null], thing: null });
    expect(errors?.map(({ path }) => path)).toEqual([['colour'], ['colours', 1], ['thing']]);
    expect(JSON.stringify(errors)).not.toMatch(/SECRET|Vault/);
  });

  test.each([
    ['Int', 'many'],
    ['Int', 2 ** 40],
    ['Boolean', 'yes'],
    ['[Int]', 7],
    ['O', 'text'],
    ['O', ['text']],
    ['String', { a: 1 }],
  ])('a value that is no %s is null with an error: %j', async (type, value) => {
    const sdl = `${FEDERATION_2} type Query { v: ${type} } type O { v: Int }`;
    await using federation = await federate({ a: { sdl, answer: () => ({ data: { v: value } }) } });
    const { data, errors } = await federation.query(type === 'O' ? '{ v { v } }' : '{ v }');
    expect(data).toEqual({ v: null });
    expect(errors).toMatchObject([{ path: ['v'], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } }]);
  });
});
