import { type DocumentNode, GraphQLError, getOperationAST, Kind, type SelectionSetNode } from 'graphql';

/**
 * The planner answers an operation that no subgraph can resolve with an empty plan, and the client would get nulls
 * and no word why. An empty plan is right only when the operation asks for nothing but `__typename` and introspection.
 *
 * @param document has no `@skip` and `@include` any more.
 * @throws GraphQLError with code QUERY_PLANNING_FAILED otherwise.
 */
export function rejectEmptyPlan(document: DocumentNode, operationName: string | undefined): void {
  const operation = getOperationAST(document, operationName);
  if (!operation || !asksForData(operation.selectionSet, document)) return;
  throw new GraphQLError('No subgraph can resolve this operation.', {
    nodes: operation,
    extensions: { code: 'QUERY_PLANNING_FAILED' },
  });
}

function asksForData(selectionSet: SelectionSetNode, document: DocumentNode): boolean {
  return selectionSet.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return !selection.name.value.startsWith('__');
    if (selection.kind === Kind.INLINE_FRAGMENT) return asksForData(selection.selectionSet, document);
    return document.definitions.some(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION &&
        definition.name.value === selection.name.value &&
        asksForData(definition.selectionSet, document),
    );
  });
}
