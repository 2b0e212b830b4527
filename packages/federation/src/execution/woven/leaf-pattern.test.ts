import { describe, expect, test } from '@jest/globals';
import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import { leafPattern } from './leaf-pattern.ts';

const colour = new GraphQLEnumType({ name: 'Colour', values: { RED: {}, DARK_RED: {} } });
const any = new GraphQLScalarType({ name: 'Any' });
const reads = (type: GraphQLLeafType | undefined, text: string, nullable = false): boolean =>
  new RegExp(`^${leafPattern(type, nullable)}$`).test(text);

describe('the pattern of a leaf', () => {
  test.each([
    [
      GraphQLString,
      ['""', '"a"', '"é😀"', '"\\"\\\\\\n\\u00e9"'],
      ['1', 'null', 'true', '"a', '"\n"', '"\\x"', '"\\u12"', '{}'],
    ],
    [GraphQLID, ['"a"'], ['1']],
    [
      GraphQLInt,
      ['0', '-1', '2000000000', '-2099999999'],
      ['-0', '01', '1.0', '1e3', '2147483648', '9999999999', '"1"', '+1', '-'],
    ],
    [
      GraphQLFloat,
      ['0', '0.05', '-0.5', '1.0', '123456789012345', '0.30000000000000004'],
      ['1e400', '.5', '1.', '-0', 'NaN', '00.1', '"1"'],
    ],
    [GraphQLBoolean, ['true', 'false'], ['"true"', '1', 'null']],
    [colour, ['"RED"', '"DARK_RED"'], ['"BLUE"', 'RED', '"RE"', '"RED ']],
    [any, ['"a"', '1', 'true'], ['{}', '[]', 'null']],
    [undefined, ['"a"', '1', 'true'], ['{}', '[]', 'null']],
  ])('of %s takes what its type lets through unchanged', (type, taken, refused) => {
    for (const text of taken) expect([text, reads(type, text)]).toEqual([text, true]);
    for (const text of refused) expect([text, reads(type, text)]).toEqual([text, false]);
    for (const text of taken)
      expect(type?.serialize(JSON.parse(text)) ?? JSON.parse(text)).toEqual(JSON.parse(text));
    expect(reads(type, 'null', true)).toBe(true);
  });
});
