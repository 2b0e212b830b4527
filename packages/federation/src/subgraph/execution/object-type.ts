import {
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { CompiledField } from './compiled-operation.ts';

/** The object type that a type resolver named. @throws GraphQLError when it is none that `type` can have. */
export function objectTypeOf(
  name: unknown,
  type: GraphQLAbstractType,
  schema: GraphQLSchema,
  { parentType, definition, nodes }: CompiledField,
): GraphQLObjectType {
  const fault = (message: string) => new GraphQLError(message, { nodes });
  if (name === null || name === undefined) {
    const field = `${parentType.name}.${definition.name}`;
    throw fault(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
    );
  }
  if (typeof name !== 'string') throw fault(`The type resolver of "${type.name}" answered a ${typeof name}.`);
  const found = schema.getType(name);
  if (!found) {
    throw fault(
      `Abstract type "${type.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
    );
  }
  if (!isObjectType(found))
    throw fault(`Abstract type "${type.name}" was resolved to a non-object type "${name}".`);
  if (!schema.isSubType(type, found)) {
    throw fault(`Runtime Object type "${name}" is not a possible type for "${type.name}".`);
  }
  return found;
}
