import { type DocumentNode, GraphQLError, getOperationAST, visit } from 'graphql';

/**
 * The planner answers an operation that no subgraph can resolve with an empty plan, and the client would get nulls
 * and no word why. An empty plan is right only when the operation asks for nothing but `__typename` and introspection.
 *
 * @param document has no conditions any more.
 * @throws GraphQLError with code QUERY_PLANNING_FAILED otherwise.
 */
export function rejectEmptyPlan(document: DocumentNode, operationName: string | undefined): void {
  const operation = getOperationAST(document, operationName);
  let asksForData = false;
  visit(document, {
    // Introspection is skipped whole; below it names need no underscores.
    Field: (field) => {
      if (!field.name.value.startsWith('__')) asksForData = true;
      return false;
    },
  });
  if (!asksForData) return;
  throw new GraphQLError('No subgraph can resolve this operation.', {
    ...(operation && { nodes: operation }),
    extensions: { code: 'QUERY_PLANNING_FAILED' },
  });
}
