import { describe, expect, test } from '@jest/globals';
import { FEDERATION_2, federate } from '../../support/federate.ts';

describe('an enum', () => {
  test('that is only answered has the values of all subgraphs', async () => {
    const side = (name: string, values: string, value: string) => ({
      sdl: `${FEDERATION_2} type Query { ${name}: Colour } enum Colour { ${values} }`,
      resolvers: { Query: { [name]: () => value } },
    });
    await using federation = await federate({
      a: side('a', 'RED GREEN', 'GREEN'),
      b: side('b', 'RED BLUE', 'BLUE'),
    });
    expect(await federation.query('{ a b __type(name: "Colour") { enumValues { name } } }')).toEqual({
      data: {
        a: 'GREEN',
        b: 'BLUE',
        __type: { enumValues: [{ name: 'RED' }, { name: 'GREEN' }, { name: 'BLUE' }] },
      },
    });
  });
});

describe('an input', () => {
  const side = (name: string, fields: string) => ({
    sdl: `${FEDERATION_2} type Query { ${name}(in: In): String } input In { ${fields} }`,
    resolvers: { Query: { [name]: (_: unknown, args: { in: unknown }) => JSON.stringify(args.in) } },
  });

  test('has the fields that all subgraphs know', async () => {
    await using federation = await federate({
      a: side('a', 'x: Int y: Int'),
      b: side('b', 'x: Int! z: Int'),
    });
    expect(await federation.query('{ a(in: { x: 1 }) b(in: { x: 2 }) }')).toEqual({
      data: { a: '{"x":1}', b: '{"x":2}' },
    });
    for (const query of ['{ a(in: { x: 1, y: 1 }) }', '{ b(in: {}) }']) {
      expect(await federation.query(query)).toMatchObject({
        errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      });
    }
  });
});
