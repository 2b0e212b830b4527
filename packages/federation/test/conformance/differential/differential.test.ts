import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  buildSchema,
  execute,
  type GraphQLSchema,
  isObjectType,
  parse,
  printSchema,
  validate,
} from 'graphql';
import { SubgraphFetchError } from '../../../src/transport/subgraph-fetch-error.ts';
import { type Answer, type Federation, federate } from '../../support/federate.ts';
import { arbitraryOperation } from './arbitrary-operation.ts';
import { subgraphs, wholeResolvers } from './library.ts';

type Path = ReadonlyArray<string | number>;

const variables = { yes: true, unit: 'KG', id: '4' };

let federation: Federation;
/** The same subgraphs, of whose fetches some fail: which ones, `broken` says. */
let failing: Federation;
let broken = 0;
let whole: GraphQLSchema;

beforeAll(async () => {
  federation = await federate(subgraphs);
  failing = await federate(
    Object.fromEntries(
      Object.entries(subgraphs).map(([name, subgraph]) => {
        const answer = ({ query }: { query: string }) =>
          query.length % 3 === broken ? new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', name) : undefined;
        return [name, { ...subgraph, answer }];
      }),
    ),
    // Which fetch fails depends on its text, and the compiled executor puts fetches together.
    { compareExecutors: false },
  );
  whole = buildSchema(printSchema(federation.generation.apiSchema));
  for (const [name, resolvers] of Object.entries(wholeResolvers)) {
    const type = whole.getType(name);
    if (!isObjectType(type)) throw new Error(`no type ${name}`);
    for (const [field, resolve] of Object.entries(resolvers)) {
      type.getFields()[field]!.resolve = (source, args) =>
        (resolve as (source: unknown, args: unknown) => unknown)(source, args);
    }
  }
});

afterAll(async () => {
  await federation[Symbol.asyncDispose]();
  await failing[Symbol.asyncDispose]();
});

test('many subgraphs answer any operation as one schema over the same data does', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryOperation(federation.generation.apiSchema), async (query) => {
      const document = parse(query);
      if (validate(whole, document).length > 0) return;
      compared++;
      const expected = JSON.parse(
        JSON.stringify(await execute({ schema: whole, document, variableValues: variables })),
      );
      const answer = await federation.query(query, variables);
      // Data as text: the order of keys counts too.
      expect(JSON.stringify(answer.data)).toBe(JSON.stringify(expected.data));
      expect(nulls(answer)).toEqual(nulls(expected));
    }),
    { numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(20);
});

test('when fetches fail, what is answered is true, and every null that should not be one has an error', async () => {
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(
      arbitraryOperation(failing.generation.apiSchema),
      fc.nat({ max: 2 }),
      async (query, remainder) => {
        const document = parse(query);
        if (validate(whole, document).length > 0) return;
        const expected = await execute({ schema: whole, document, variableValues: variables });
        broken = remainder;
        const answer = await failing.query(query, variables);
        if (answer.errors?.some(({ extensions }) => extensions?.code === 'SUBGRAPH_UNAVAILABLE')) failed++;
        for (const place of untrueNulls(answer.data, toJson(expected.data), [])) {
          const explained = answer.errors?.some(
            ({ path = [] }) => startsWith(place, path) || startsWith(path, place),
          );
          expect([place, explained]).toEqual([place, true]);
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(failed).toBeGreaterThan(5);
});

const toJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

const startsWith = (path: Path, start: Path): boolean => start.every((step, index) => path[index] === step);

/** Places that are null and should not be. Throws where there is a value and it is a wrong one. */
function untrueNulls(actual: unknown, expected: unknown, path: Path): Path[] {
  if (actual === null || actual === undefined) return expected === null ? [] : [[...path]];
  if (typeof actual !== 'object') {
    expect([path, actual]).toEqual([path, expected]);
    return [];
  }
  // Where the whole schema met an error that a failed fetch never came to, the expected value is null.
  if (expected === null) return [];
  const keys = Object.keys(actual);
  expect([path, keys]).toEqual([path, Object.keys(expected as object)]);
  return keys.flatMap((key) =>
    untrueNulls((actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key], [
      ...path,
      Array.isArray(actual) ? Number(key) : key,
    ]),
  );
}

/**
 * The nulls of the answer that errors account for. Below one null the errors may differ: graphql-js stops at the first,
 * a subgraph that nulls a whole entity keeps others from being met.
 */
function nulls({ data, errors = [] }: Answer): string[] {
  return [...new Set(errors.map(({ path }) => nullAbove(data, path!)))].sort();
}

function nullAbove(data: unknown, path: Path): string {
  let value = data;
  for (const [depth, step] of path.entries()) {
    if (value === null) return path.slice(0, depth).join('.');
    value = (value as Record<string | number, unknown>)[step];
  }
  return value === null ? path.join('.') : `${path.join('.')} is not null`;
}
