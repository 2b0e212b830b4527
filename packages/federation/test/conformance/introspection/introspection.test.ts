import { describe, expect, test } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const a = {
  sdl: `${FEDERATION_2} type Query { a: A hidden: Int @inaccessible } type A @key(fields: "id") { id: ID! n: Int }`,
  resolvers: { Query: { a: () => ({ id: '1', n: 1 }) } },
};

describe('introspection', () => {
  test('is answered by the gateway, and shows neither federation nor what is inaccessible', async () => {
    await using federation = await federate({ a });
    const { data, errors } = await federation.query(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    const schema = buildClientSchema(data as unknown as IntrospectionQuery);
    expect(Object.keys(schema.getQueryType()!.getFields())).toEqual(['a']);
    expect(
      Object.keys(schema.getTypeMap()).filter(
        (name) => /^(_|join__|link__)/.test(name) && !name.startsWith('__'),
      ),
    ).toEqual([]);
    expect(federation.fetches).toEqual([]);
  });

  test('mixes with data, fragments and variables', async () => {
    await using federation = await federate({ a });
    const query = `query ($name: String!) { ...Meta a { n } root: __typename }
      fragment Meta on Query { t: __type(name: $name) { ...Name } __schema { queryType { name } } }
      fragment Name on __Type { name kind }`;
    expect(await federation.query(query, { name: 'A' })).toEqual({
      data: {
        t: { name: 'A', kind: 'OBJECT' },
        __schema: { queryType: { name: 'Query' } },
        a: { n: 1 },
        root: 'Query',
      },
    });
  });

  test('can be switched off; __typename stays', async () => {
    await using federation = await federate({ a }, { introspection: false });
    expect(await federation.query('{ __typename a { __typename } }')).toEqual({
      data: { __typename: 'Query', a: { __typename: 'A' } },
    });
    const { data, errors } = await federation.query('{ __schema { queryType { name } } }');
    expect(data).toBeUndefined();
    expect(errors).toMatchObject(
      [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }, {}].slice(0, errors!.length),
    );
  });

  test('when off, is not there in the guise of suggestions either', async () => {
    await using open = await federate({ a });
    expect((await open.query('{ aa }')).errors![0]!.message).toContain('Did you mean "a"');
    await using closed = await federate({ a }, { introspection: false });
    expect((await closed.query('{ aa }')).errors![0]!.message).toBe(
      'Cannot query field "aa" on type "Query".',
    );
  });
});
