import fc from 'fast-check';
import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isUnionType,
} from 'graphql';

type Pick = <T>(from: readonly T[]) => T;

/** Names that keys, requirements and the planner use too: an alias must be able to spell them. */
const ALIASES = ['id', 'isbn', 'born', 'pages', 'title', 'x', '_alias_id', 'name__alias_0'];

const ARGUMENTS: Record<string, readonly string[]> = {
  limit: ['(limit: 1)', '(limit: 2)', ''],
  unit: ['(unit: KG)', '(unit: G)', '', '(unit: $unit)'],
  id: ['(id: "1")', '(id: "3")', '(id: $id)'],
};

/** Operations over a schema, with aliases, fragments, arguments, @skip and @include. Not all of them are valid. */
export function arbitraryOperation(schema: GraphQLSchema): fc.Arbitrary<string> {
  return fc.gen().map((g) => {
    const chance = (of: number): boolean => g(fc.nat, { max: 99 }) < of;
    const pick: Pick = (from) => from[g(fc.nat, { max: from.length - 1 })]!;
    const condition = (): string =>
      chance(85)
        ? ''
        : pick([' @skip(if: $yes)', ' @skip(if: $no)', ' @include(if: $no)', ' @include(if: true)']);

    const selectionSet = (type: GraphQLCompositeType, depth: number): string => {
      const count = 1 + g(fc.nat, { max: 3 });
      return `{ ${Array.from({ length: count }, () => selection(type, depth)).join(' ')} }`;
    };
    const selection = (type: GraphQLCompositeType, depth: number): string => {
      if (isUnionType(type) ? chance(85) : isAbstractType(type) ? chance(60) : chance(8)) {
        const narrowed = isAbstractType(type) ? pick(schema.getPossibleTypes(type)) : type;
        return `... on ${narrowed.name}${condition()} ${selectionSet(narrowed, depth)}`;
      }
      if (isUnionType(type) || chance(10)) return '__typename';
      const candidates = Object.values(type.getFields()).filter(
        (field) => depth > 0 || isLeafType(getNamedType(field.type)),
      );
      if (candidates.length === 0) return '__typename';
      const field = pick(candidates);
      const named = getNamedType(field.type);
      const alias = chance(25) ? `${pick(ALIASES)}: ` : '';
      const argument = field.args[0];
      const args = argument ? pick(ARGUMENTS[argument.name]!) : '';
      const inner = isCompositeType(named) ? ` ${selectionSet(named, depth - 1)}` : '';
      return `${alias}${field.name}${args}${condition()}${inner}`;
    };
    const body = selectionSet(schema.getQueryType()!, 3);
    const variables = [
      ['$yes', '$yes: Boolean!'],
      ['$no', '$no: Boolean = false'],
      ['$unit', '$unit: Unit'],
      ['$id', '$id: ID!'],
    ].filter(([name]) => body.includes(name!));
    return `query ${variables.length > 0 ? `(${variables.map(([, definition]) => definition).join(', ')}) ` : ''}${body}`;
  });
}
