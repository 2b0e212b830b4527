import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

describe('planning', () => {
  test('of an operation that no subgraph can resolve is an error, not nulls', async () => {
    await using federation = await federate({
      a: {
        sdl: `${FEDERATION_2} interface Node @key(fields: "id") { id: ID! } type Query { a: Node }`,
        answer: () => ({ data: { a: { id: '1' } } }),
      },
      b: {
        sdl: `${FEDERATION_2} type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String } type Query { b: Node }`,
        answer: () => ({ data: { b: { id: '1', field: 'f' } } }),
      },
    });
    const { data, errors } = await federation.query('{ a { field } }');
    expect(data ?? null).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_PLANNING_FAILED' } }]);
    expect(await federation.query('{ b { field } }')).toEqual({ data: { b: { field: 'f' } } });
  });
});
