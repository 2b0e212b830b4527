import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, execute, type GraphQLSchema, isObjectType, parse, printSchema, validate } from 'graphql';
import { type Answer, type Federation, federate } from '../../support/federate.ts';
import { arbitraryOperation } from './arbitrary-operation.ts';
import { subgraphs, wholeResolvers } from './library.ts';

const variables = { yes: true, unit: 'KG', id: '4' };

let federation: Federation;
let whole: GraphQLSchema;

beforeAll(async () => {
  federation = await federate(subgraphs);
  whole = buildSchema(printSchema(federation.generation.apiSchema));
  for (const [name, resolvers] of Object.entries(wholeResolvers)) {
    const type = whole.getType(name);
    if (!isObjectType(type)) throw new Error(`no type ${name}`);
    for (const [field, resolve] of Object.entries(resolvers)) {
      type.getFields()[field]!.resolve = (source, args) => (resolve as (source: unknown, args: unknown) => unknown)(source, args);
    }
  }
});

afterAll(async () => {
  await federation[Symbol.asyncDispose]();
});

test('many subgraphs answer any operation as one schema over the same data does', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryOperation(federation.generation.apiSchema), async (query) => {
      const document = parse(query);
      if (validate(whole, document).length > 0) return;
      compared++;
      const expected = JSON.parse(JSON.stringify(await execute({ schema: whole, document, variableValues: variables })));
      const answer = await federation.query(query, variables);
      // Data as text: the order of keys counts too.
      expect(JSON.stringify(answer.data)).toBe(JSON.stringify(expected.data));
      expect(nulls(answer)).toEqual(nulls(expected));
    }),
    { numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(50);
});

/**
 * The nulls of the answer that errors account for. Below one null the errors may differ: graphql-js stops at the first,
 * a subgraph that nulls a whole entity keeps others from being met.
 */
function nulls({ data, errors = [] }: Answer): string[] {
  return [...new Set(errors.map(({ path }) => nullAbove(data, path!)))].sort();
}

function nullAbove(data: unknown, path: ReadonlyArray<string | number>): string {
  let value = data;
  for (const [depth, step] of path.entries()) {
    if (value === null) return path.slice(0, depth).join('.');
    value = (value as Record<string | number, unknown>)[step];
  }
  return value === null ? path.join('.') : `${path.join('.')} is not null`;
}
