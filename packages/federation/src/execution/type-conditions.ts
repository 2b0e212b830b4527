import { type DocumentNode, Kind } from 'graphql';

/** Abstract types of the whole supergraph, hidden ones included, with the names of those that belong to them. */
export type AbstractTypes = ReadonlyMap<string, ReadonlySet<string>>;

/** Does an object of type `typename` satisfy `... on condition`? */
export type TypeConditions = (typename: string, condition: string) => boolean;

export const createTypeConditions =
  (abstract: AbstractTypes): TypeConditions =>
  (typename, condition) =>
    typename === condition || (abstract.get(condition)?.has(typename) ?? false);

export function abstractTypes(supergraph: DocumentNode): AbstractTypes {
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
  return membersOf;
}
