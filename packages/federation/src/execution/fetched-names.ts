import { Kind, parse, type SelectionSetNode } from 'graphql';
import type { FetchNode } from '../planning/planner.ts';
import { renamePath } from './subgraph-errors.ts';

const memo = new WeakMap<FetchNode, readonly string[]>();

/** Response names that a fetch gives to its targets: what is missing when it fails. */
export function fetchedNames(fetch: FetchNode): readonly string[] {
  const known = memo.get(fetch);
  if (known) return known;
  const names = new Set<string>();
  for (const definition of parse(fetch.operation, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (!fetch.requires) addNames(definition.selectionSet, names);
    for (const entities of fetch.requires ? definition.selectionSet.selections : []) {
      if (entities.kind === Kind.FIELD && entities.selectionSet) addNames(entities.selectionSet, names);
    }
  }
  const renamed = renamePath([...names], fetch).map(String);
  memo.set(fetch, renamed);
  return renamed;
}

function addNames(selectionSet: SelectionSetNode, names: Set<string>): void {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) names.add(selection.alias?.value ?? selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) addNames(selection.selectionSet, names);
  }
}
