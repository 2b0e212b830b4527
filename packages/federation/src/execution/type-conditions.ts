import { type DocumentNode, Kind } from 'graphql';

/** Does an object of type `typename` satisfy `... on condition`? In the whole supergraph, hidden types included. */
export type TypeConditions = (typename: string, condition: string) => boolean;

export function createTypeConditions(supergraph: DocumentNode): TypeConditions {
  const membersOf = new Map<string, Set<string>>();
  const add = (abstract: string, member: string): void => {
    const members = membersOf.get(abstract) ?? new Set<string>();
    membersOf.set(abstract, members.add(member));
  };
  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of definition.types ?? []) add(definition.name.value, member.name.value);
    }
    if (
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ) {
      for (const implemented of definition.interfaces ?? [])
        add(implemented.name.value, definition.name.value);
    }
  }
  return (typename, condition) =>
    typename === condition || (membersOf.get(condition)?.has(typename) ?? false);
}
