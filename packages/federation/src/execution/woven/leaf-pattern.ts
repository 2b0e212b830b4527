import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';

/**
 * JSON text that a leaf's type would let through as it stands, as the source of a regular expression without captures.
 * What is left out is not refused: it is read another way. Strings are unrolled loops: they never backtrack.
 */
export function leafPattern(type: GraphQLLeafType | undefined, nullable: boolean): string {
  const pattern = type ? patternOf(type) : SCALAR;
  return nullable ? `(?:${pattern}|null)` : pattern;
}

const STRING = '"[^"\\\\\\u0000-\\u001f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\\\\u0000-\\u001f]*)*"';
/** As JSON.stringify writes it, within 32 bits by its length. */
const INT = '(?:0|-?[1-9][0-9]{0,8})';
/** No exponent, and few enough digits that a double is written the same. */
const FLOAT = '(?:0|-?[1-9][0-9]{0,8}(?:\\.[0-9]{0,4}[1-9])?|-?0\\.[1-9](?:[0-9]{0,4}[1-9])?)';
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
