import { type DocumentNode, GraphQLError, getOperationAST, Kind, type SelectionSetNode } from 'graphql';
import type { Cure } from './cure.ts';

/**
 * Fault: an operation that no subgraph can resolve gets an empty plan, and the client would get nulls and no word why.
 *
 * Cure: an empty plan is right only when the operation asks for nothing but `__typename` and introspection; else it is
 * an error with the code QUERY_PLANNING_FAILED.
 */
export const emptyPlans: Cure = () => ({
  plan(plan, asked) {
    const operation = getOperationAST(asked);
    if (plan || !operation || !asksForData(operation.selectionSet, asked)) return plan;
    throw new GraphQLError('No subgraph can resolve this operation.', {
      nodes: operation,
      extensions: { code: 'QUERY_PLANNING_FAILED' },
    });
  },
});

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
