import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, GraphQLError } from 'graphql';
import { defaultLimits } from '../../operation/limits.ts';
import { parseOperation } from '../../operation/parse-operation.ts';
import { ErrorLog } from '../error-log.ts';
import { project } from '../project.ts';
import type { DataMap } from '../values.ts';
import { compileProjection } from './project-text.ts';

const schema = buildSchema(`
  type Query { a: Item b: [Item!] node: Node any: Either }
  type Item implements Node { id: ID! text: String number: Int! ratio: Float yes: Boolean color: Color json: Json deep: Item }
  type Other implements Node { id: ID! }
  interface Node { id: ID! }
  union Either = Item | Other
  enum Color { RED GREEN }
  scalar Json
`);

const fields = 'id text n: number ratio yes color json __proto__: text toString: id __typename';
const query = `{ a { ${fields} deep { id } } b { ${fields} } node { id __typename } any { ... on Item { id } ... on Other { o: id } } }`;

const parsed = parseOperation(schema, query, undefined, { limits: defaultLimits, introspection: true });
if ('errors' in parsed) throw new GraphQLError(String(parsed.errors));
const internalName = (field: { alias?: { value: string }; name: { value: string } }) =>
  field.alias?.value === '__proto__' ? '_alias___proto__' : (field.alias?.value ?? field.name.value);
const toText = compileProjection(schema, parsed, {}, internalName)!;

function plainly(data: DataMap): string | undefined {
  const errors = new ErrorLog();
  const projected = project(data, {
    schema,
    parsed: parsed as never,
    variables: {},
    errors,
    internalName,
    serviceAt: () => undefined,
    introspect: () => null,
  });
  return errors.errors.length > 0 ? undefined : JSON.stringify(projected);
}

/** Mostly what a subgraph should say, sometimes anything. */
const usually = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: value }, { weight: 1, arbitrary: fc.jsonValue() });
const text = fc.string({
  unit: fc.oneof(fc.constantFrom('a', '"', '\\', '\n', 'é', '\ud800', '😀'), fc.string()),
});
const item = (): fc.Arbitrary<unknown> =>
  fc.record(
    {
      __typename: fc.constant('Item'),
      id: usually(fc.oneof(text, fc.integer())),
      text: usually(text),
      _alias___proto__: text,
      toString: text,
      n: usually(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      ratio: usually(fc.double({ noNaN: true })),
      yes: usually(fc.boolean()),
      color: usually(fc.constantFrom('RED', 'GREEN')),
      json: fc.jsonValue(),
      deep: fc.oneof(fc.constant(null), fc.record({ __typename: fc.constant('Item'), id: text })),
    },
    { noNullPrototype: true, requiredKeys: ['__typename', 'id', 'n', 'toString'] },
  );

describe('the projection to text', () => {
  test('says what the generic projection says, or leaves it to that one', () => {
    let written = 0;
    const data = fc.record({
      a: usually(item()),
      b: usually(fc.array(item(), { maxLength: 3 })),
      node: usually(fc.record({ __typename: fc.constantFrom('Item', 'Other', 'Nobody'), id: text })),
      any: usually(fc.record({ __typename: fc.constantFrom('Item', 'Other'), id: text, o: text })),
    });
    fc.assert(
      fc.property(data, (value) => {
        const parsedBack = JSON.parse(JSON.stringify(value)) as DataMap;
        const projected = toText(parsedBack);
        if (projected !== undefined) written++;
        expect(projected).toBe(plainly(parsedBack));
      }),
      { numRuns: 500 },
    );
    expect(written).toBeGreaterThan(50);
  });

  test('is not compiled for introspection', () => {
    const introspection = parseOperation(schema, '{ __schema { description } }', undefined, {
      limits: defaultLimits,
      introspection: true,
    });
    expect(
      'errors' in introspection || compileProjection(schema, introspection, {}, internalName),
    ).toBeUndefined();
  });
});
