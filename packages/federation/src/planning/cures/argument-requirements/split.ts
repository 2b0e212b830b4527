import { type DocumentNode, Kind, parse, type SelectionNode, type SelectionSetNode, visit } from 'graphql';
import type { FetchNode, PlanSelection } from '../../planner.ts';
import { printCompact } from '../../print-compact.ts';
import type { ArgumentRequirements } from './isolate.ts';

/**
 * Splits an entity fetch whose fields require the same field with different arguments, `price(currency: "USD")` and
 * `price(currency: "EUR")`: a representation has room for one `price` only. Each part selects the fields whose
 * requirements agree and sends just these. A fetch without such a conflict comes back as it is.
 */
export function splitByRequirements(
  fetch: FetchNode,
  requirements: ArgumentRequirements,
): readonly FetchNode[] {
  const required = new Set<string>();
  collectVirtualNames(fetch.requires ?? [], requirements, required);
  if (required.size < 2 || !conflicts(required, requirements)) return [fetch];

  const document = parse(fetch.operation, { noLocation: true });
  const groups: Set<string>[] = [];
  const groupOf = (type: string | undefined, field: string): number => {
    const wanted = requirements.ofField.get(`${type}.${field}`);
    if (!wanted) return 0;
    const found = groups.findIndex((group) => !conflicts(new Set([...group, ...wanted]), requirements));
    if (found < 0) return groups.push(new Set(wanted)) - 1;
    for (const name of wanted) groups[found]!.add(name);
    return found;
  };
  const assignment = assignEntityFields(document, groupOf);
  if (groups.length < 2) return [fetch];
  return groups.map((group, index) => part(fetch, document, index, group, assignment, requirements));
}

function collectVirtualNames(
  selections: readonly PlanSelection[],
  requirements: ArgumentRequirements,
  into: Set<string>,
): void {
  for (const selection of selections) {
    if (selection.kind === 'Field' && requirements.byVirtualName.has(selection.name))
      into.add(selection.name);
    if (selection.selections) collectVirtualNames(selection.selections, requirements, into);
  }
}

function conflicts(virtualNames: ReadonlySet<string>, { byVirtualName }: ArgumentRequirements): boolean {
  const real = new Set([...virtualNames].map((name) => byVirtualName.get(name)?.field.name.value));
  return real.size < virtualNames.size;
}

/** Selections directly on an entity, each with the number of the part that gets it. */
type Assignment = ReadonlyMap<SelectionNode, number>;

function assignEntityFields(
  document: DocumentNode,
  groupOf: (type: string | undefined, field: string) => number,
): Assignment {
  const assignment = new Map<SelectionNode, number>();
  const walk = (selectionSet: SelectionSetNode, type: string | undefined): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, selection.typeCondition?.name.value ?? type);
      } else if (selection.kind === Kind.FIELD) {
        assignment.set(selection, groupOf(type, selection.name.value));
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const entities of definition.selectionSet.selections) {
      if (entities.kind === Kind.FIELD && entities.selectionSet) walk(entities.selectionSet, undefined);
    }
  }
  return assignment;
}

function part(
  fetch: FetchNode,
  document: DocumentNode,
  index: number,
  group: ReadonlySet<string>,
  assignment: Assignment,
  requirements: ArgumentRequirements,
): FetchNode {
  const pruned = withoutUnusedVariables(
    visit(document, {
      Field: { enter: (field) => ((assignment.get(field) ?? index) === index ? undefined : null) },
      InlineFragment: {
        leave: (fragment) => (fragment.selectionSet.selections.length === 0 ? null : undefined),
      },
    }),
  );
  const used = variableNames(pruned);
  return {
    ...fetch,
    operation: printCompact(pruned),
    requires: keepRequirements(fetch.requires ?? [], group, requirements),
    ...(fetch.variableUsages && { variableUsages: fetch.variableUsages.filter((name) => used.has(name)) }),
  };
}

function keepRequirements(
  selections: readonly PlanSelection[],
  group: ReadonlySet<string>,
  requirements: ArgumentRequirements,
): readonly PlanSelection[] {
  return selections
    .filter(
      (selection) =>
        selection.kind !== 'Field' ||
        !requirements.byVirtualName.has(selection.name) ||
        group.has(selection.name),
    )
    .map((selection) =>
      selection.selections
        ? { ...selection, selections: keepRequirements(selection.selections, group, requirements) }
        : selection,
    )
    .filter((selection) => selection.selections === undefined || selection.selections.length > 0);
}

function variableNames(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: (variable) => {
      names.add(variable.name.value);
    },
  });
  return names;
}

function withoutUnusedVariables(document: DocumentNode): DocumentNode {
  const used = variableNames(document);
  return visit(document, {
    VariableDefinition: (definition) => (used.has(definition.variable.name.value) ? undefined : null),
  });
}
