import { Kind, parse, print, type SelectionSetNode } from 'graphql';

/** Parses a federation FieldSet, the text inside `fields: "…"`. @throws GraphQLError when it is not one. */
export function parseFieldSet(fields: string): SelectionSetNode {
  const [definition] = parse(`{${fields}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('A field set is a selection set');
  return definition.selectionSet;
}

export function printFieldSet(selectionSet: SelectionSetNode): string {
  return selectionSet.selections
    .map((selection) => print(selection))
    .join(' ')
    .replace(/\s+/g, ' ');
}

/** Every field name that a FieldSet mentions, at any depth. */
export function namesInFieldSet(fields: string): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) add(selection.selectionSet);
    }
  };
  add(parseFieldSet(fields));
  return names;
}
