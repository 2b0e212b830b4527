import { expect, test } from '@jest/globals';
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaInSlices } from './build-schema.ts';

const sdls = [
  `directive @own(x: [Int!] = [1]) on FIELD
   "What there is" type Query { a(in: In = { x: 1 }): A! u: U e: [E!] @deprecated(reason: "old") s: S }
   type Mutation { b: Int } interface I { id: ID! } type A implements I { id: ID! a: A }
   union U = A | Query enum E { X Y @deprecated } input In { x: Int! in: In } scalar S @specifiedBy(url: "https://s.test/")`,
  'schema { query: Root } type Root { a: Int } type Query { b: Int }',
  `type Query { a: T0 } ${Array.from({ length: 350 }, (_, i) => `type T${i} { next: T${(i + 1) % 350} }`).join(' ')}`,
];

test.each(sdls)('builds what graphql-js builds in one go: %s', async (sdl) => {
  const schema = await buildSchemaInSlices(sdl);
  const expected = buildSchema(sdl);
  expect(printSchema(schema)).toBe(printSchema(expected));
  expect(printSchema(lexicographicSortSchema(schema))).toBe(printSchema(lexicographicSortSchema(expected)));
  expect(schema.getQueryType()?.name).toBe(expected.getQueryType()?.name);
  expect(schema.getDirectives().map(({ name }) => name)).toEqual(
    expected.getDirectives().map(({ name }) => name),
  );
});

test('lets others have their turn, the more types the more often', async () => {
  const turnsFor = async (sdl: string) => {
    let turns = 0;
    let building = true;
    const count = () => {
      turns += 1;
      if (building) setImmediate(count);
    };
    setImmediate(count);
    await buildSchemaInSlices(sdl);
    building = false;
    return turns;
  };
  expect(await turnsFor(sdls[2]!)).toBeGreaterThanOrEqual((await turnsFor(sdls[0]!)) + 2);
});
