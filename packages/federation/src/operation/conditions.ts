import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Variables that `@skip` and `@include` of the document look at, sorted. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (directive) => {
      const condition = conditionOf(directive);
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return [...names].sort();
}

/**
 * The document without `@skip` and `@include`, for given values of their variables: what is left out is not there.
 *
 * Planning the operation as it will run is not only leaner. A conditional field that requires another makes the planner
 * fetch the requirement under the condition and need it without: with the condition off, the whole entity would be
 * missing from the fetch, and with it fields that depend on no condition.
 */
export function resolveConditions(document: DocumentNode, values: Values): DocumentNode {
  return visit(document, {
    SelectionSet: (selectionSet): SelectionSetNode => {
      const selections = selectionSet.selections
        .filter((selection) => isIncluded(selection, values))
        .map(withoutConditions);
      // A selection set must not be empty. `__typename` costs nothing and the answer is shaped by the client's document.
      return { ...selectionSet, selections: selections.length > 0 ? selections : [TYPENAME] };
    },
  });
}

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

function isIncluded(selection: SelectionNode, values: Values): boolean {
  return (selection.directives ?? []).every((directive) => {
    const condition = conditionOf(directive);
    if (!condition) return true;
    const value =
      condition.kind === Kind.VARIABLE
        ? values[condition.name.value]
        : condition.kind === Kind.BOOLEAN && condition.value;
    return directive.name.value === 'include' ? value === true : value !== true;
  });
}

function withoutConditions(selection: SelectionNode): SelectionNode {
  if (!selection.directives?.some(conditionOf)) return selection;
  return { ...selection, directives: selection.directives.filter((directive) => !conditionOf(directive)) };
}

function conditionOf(directive: DirectiveNode) {
  const isCondition = directive.name.value === 'skip' || directive.name.value === 'include';
  return isCondition ? directive.arguments?.[0]?.value : undefined;
}
