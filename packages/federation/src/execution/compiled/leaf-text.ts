import { type GraphQLLeafType, isEnumType } from 'graphql';

/** Thrown, without a stack, by the fast path when the generic one must decide. */
export const SURPRISE: unique symbol = Symbol('surprise');

export type LeafWriter = (value: unknown) => string;

/** What JSON escapes, and lone surrogates, which JSON.stringify escapes too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A regular expression is quicker than JSON.stringify's call on short texts only. */
const SHORT = 200;

export const textOf = (value: string): string =>
  value.length > SHORT || ESCAPED.test(value) ? JSON.stringify(value) : `"${value}"`;

/** JSON of a leaf that is not null, by its type's `serialize`. The usual cases are decided without calling it. */
export function leafWriter(type: GraphQLLeafType): LeafWriter {
  const generic: LeafWriter = (value) => {
    let text: string | undefined;
    try {
      const serialized: unknown = type.serialize(value);
      if (serialized !== undefined && serialized !== null) text = JSON.stringify(serialized);
    } catch {
      // As in the generic projection, whose error it will be.
    }
    if (text === undefined) throw SURPRISE;
    return text;
  };
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(
      type.getValues().map(({ name, value }) => [value, JSON.stringify(name)]),
    );
    return (value) => texts.get(value) ?? generic(value);
  }
  switch (type.name) {
    case 'String':
    case 'ID':
      return (value) => (typeof value === 'string' ? textOf(value) : generic(value));
    case 'Int':
      return (value) => (typeof value === 'number' && (value | 0) === value ? `${value}` : generic(value));
    case 'Float':
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? `${value}` : generic(value));
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? (value ? 'true' : 'false') : generic(value));
    default:
      return generic;
  }
}
