import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';

/**
 * JSON text that a leaf's type would let through as it stands, as the source of a regular expression without captures.
 * What is left out is not refused: it is read another way. Strings are unrolled loops: one that does not end is found out
 * in linear time.
 */
export function leafPattern(type: GraphQLLeafType | undefined, nullable: boolean): string {
  const pattern = type ? patternOf(type) : SCALAR;
  return nullable ? `(?:${pattern}|null)` : pattern;
}

const STRING = '"[^"\\\\\\u0000-\\u001f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\\\\u0000-\\u001f]*)*"';
/** Within 32 bits, by its first digits; the last 147 million on both sides are read another way. */
const INT = '(?:0|-?(?:[1-9][0-9]{0,8}|1[0-9]{9}|20[0-9]{8}))';
/** No exponent: it could be of a number that no double is. */
const FLOAT = '(?:-?(?:0|[1-9][0-9]{0,14})\\.[0-9]{1,17}|0|-?[1-9][0-9]{0,14})';
const BOOLEAN = '(?:true|false)';
const SCALAR = `(?:${STRING}|${FLOAT}|${BOOLEAN})`;

function patternOf(type: GraphQLLeafType): string {
  if (isEnumType(type))
    return `"(?:${type
      .getValues()
      .map(({ name }) => name)
      .join('|')})"`;
  if (!isSpecifiedScalarType(type)) return SCALAR;
  switch (type.name) {
    case 'Int':
      return INT;
    case 'Float':
      return FLOAT;
    case 'Boolean':
      return BOOLEAN;
    default:
      return STRING;
  }
}
