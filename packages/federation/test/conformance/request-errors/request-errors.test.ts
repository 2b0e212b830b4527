import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

const a = {
  sdl: `${FEDERATION_2} type Query { a: Int } type Subscription { s: Int }`,
  resolvers: { Query: { a: () => 1 } },
};

describe('a request that cannot run has errors with a code, and no data', () => {
  test.each([
    ['no GraphQL', '{ a', undefined, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ b }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['@defer', '{ ... @defer { a } }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['federation’s own fields', '{ _service { sdl } }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'several operations and no name',
      'query A { a } query B { a }',
      undefined,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['no operation of that name', 'query A { a }', 'B', 'OPERATION_RESOLUTION_FAILURE'],
    ['no operation at all', 'fragment F on Query { a }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['a subscription', 'subscription { s }', undefined, 'OPERATION_NOT_SUPPORTED'],
  ])('%s', async (_, query, operationName, code) => {
    await using federation = await federate({ a });
    const { data, errors } = await federation.query(query, {}, operationName);
    expect(data).toBeUndefined();
    expect(errors![0]!.extensions).toMatchObject({ code });
  });

  test('one of several operations runs when it is named', async () => {
    await using federation = await federate({ a });
    expect(await federation.query('query A { a } query B { x: a }', {}, 'B')).toEqual({ data: { x: 1 } });
  });
});
