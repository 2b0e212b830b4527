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
