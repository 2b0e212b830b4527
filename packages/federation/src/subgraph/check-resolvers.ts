import {
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isUnionType,
} from 'graphql';
import { place } from './definition-error.ts';
import type { ReferenceResolvers } from './references.ts';
import type { ResolverMap } from './resolvers.ts';

/**
 * What in the resolvers fits nothing in the schema, one sentence each. @apollo/subgraph ignores all of these, and the
 * mistake would show as a field that is always null.
 */
export function checkResolvers(
  schema: GraphQLSchema,
  document: DocumentNode,
  /** Absolute path of the schema's file, if it has one. */
  file: string | undefined,
  resolvers: ResolverMap,
  references: ReferenceResolvers,
): string[] {
  const lines = new Map(
    document.definitions.flatMap((node) =>
      'name' in node && node.name?.loc ? [[node.name.value, node.name.loc.startToken.line]] : [],
    ),
  );
  const subject: Subject = (type) => {
    const line = lines.get(type.name);
    if (!line) return type.name;
    return `${type.name} (${file ? place(file, line) : `line ${line} of the schema`})`;
  };
  return [
    ...Object.entries(resolvers).flatMap(([typeName, fields]) => {
      const type = schema.getType(typeName);
      if (!type) return [`resolvers.${typeName}: the schema has no type ${typeName}.`];
      return Object.entries(fields)
        .map(([name, resolver]) => wrongMember(schema, subject, type, name, resolver))
        .filter((reason) => reason !== undefined);
    }),
    ...Object.entries(references).flatMap(([typeName, resolver]) => {
      const reason = wrongReference(schema, subject, schema.getType(typeName), resolver);
      if (reason) return [`references.${typeName}: ${reason}`];
      const single = resolvers[typeName];
      return single && '__resolveReference' in single
        ? [`references.${typeName}: resolvers.${typeName}.__resolveReference is there too; keep one.`]
        : [];
    }),
  ];
}

/** A type's name, and the line where the author wrote it. */
type Subject = (type: GraphQLNamedType) => string;

function wrongMember(
  schema: GraphQLSchema,
  subject: Subject,
  type: GraphQLNamedType,
  name: string,
  resolver: unknown,
) {
  const at = `resolvers.${type.name}.${name}`;
  if (isScalarType(type)) return undefined;
  if (isInputObjectType(type)) return `${at}: ${type.name} is an input type, which has no resolvers.`;
  if (isEnumType(type))
    return type.getValue(name) ? undefined : `${at}: enum ${subject(type)} has no such value.`;
  if (name === '__resolveType') {
    return isObjectType(type) ? `${at}: ${type.name} is an object type, it has no subtypes.` : undefined;
  }
  if (name === '__resolveReference') {
    const reason = wrongReference(schema, subject, type, resolver);
    return reason && `${at}: ${reason}`;
  }
  if (isUnionType(type)) return `${at}: a union takes only __resolveType.`;
  if (name === '__isTypeOf')
    return isObjectType(type) ? undefined : `${at}: only object types take __isTypeOf.`;
  if (!type.getFields()[name]) return `${at}: type ${subject(type)} has no field ${name}.`;
  if (isInterfaceType(type))
    return `${at}: resolvers of an interface's fields never run; give them to its types.`;
  const { resolve, subscribe } = (resolver ?? {}) as { resolve?: unknown; subscribe?: unknown };
  return [resolver, resolve, subscribe].some((run) => typeof run === 'function')
    ? undefined
    : `${at} is not a function.`;
}

function wrongReference(
  schema: GraphQLSchema,
  subject: Subject,
  type: GraphQLNamedType | undefined,
  resolver: unknown,
): string | undefined {
  if (!type) return 'the schema has no such type.';
  if (typeof resolver !== 'function') return 'is not a function.';
  if (isInterfaceType(type)) return undefined;
  const entities = schema.getType('_Entity');
  const isEntity = isUnionType(entities) && entities.getTypes().some(({ name }) => name === type.name);
  return isEntity ? undefined : `type ${subject(type)} is no entity: it has no @key.`;
}
