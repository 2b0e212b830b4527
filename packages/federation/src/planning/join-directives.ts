/** Reading the join specification's directives (https://specs.apollo.dev/join/v0.3) off supergraph AST. */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from 'graphql';

export type FieldsTypeDefinition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

export const isFieldsType = (node: DefinitionNode): node is FieldsTypeDefinition =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

export function fieldsTypes(document: DocumentNode): readonly FieldsTypeDefinition[] {
  return document.definitions.filter(isFieldsType);
}

export function stringArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

export function booleanArgument(directive: ConstDirectiveNode, name: string): boolean | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.BOOLEAN ? value.value : undefined;
}

export function enumArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.ENUM ? value.value : undefined;
}

/** The name inside `[[T!]]!`. */
export function namedType(type: TypeNode): string {
  let inner = type;
  while (inner.kind !== Kind.NAMED_TYPE) inner = inner.type;
  return inner.name.value;
}

/** Name in `join__Graph` → name in plans. */
export function servicesOf(supergraph: DocumentNode): ReadonlyMap<string, string> {
  const services = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const { name, directives = [] } of definition.values ?? [])
      for (const directive of directives)
        services.set(name.value, stringArgument(directive, 'name') ?? name.value);
  }
  return services;
}
