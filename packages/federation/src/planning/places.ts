import { Kind, parse, type SelectionSetNode } from 'graphql';
import type { FetchNode, PlanSelection } from './planner.ts';

/** A value in the gathered data. */
export interface Place {
  /** The response names that lead to it, one a line; steps into lists left out. */
  readonly path: string;
  /** The type condition on the object that holds it; undefined where there is none. */
  readonly type: string | undefined;
}

export type PlanPath = ReadonlyArray<string | number>;

/** What an entity fetch at a path reads before it can be sent. */
export function placesNeeded(fetch: FetchNode, path: PlanPath): readonly Place[] {
  const needed: Place[] = [];
  const walk = (selections: readonly PlanSelection[], at: PlanPath, type: string | undefined): void => {
    for (const selection of selections) {
      if (selection.kind === 'InlineFragment') {
        walk(selection.selections, at, selection.typeCondition ?? type);
        continue;
      }
      const below = [...at, selection.alias ?? selection.name];
      needed.push(toPlace(below, type));
      if (selection.selections) walk(selection.selections, below, undefined);
    }
  };
  walk(fetch.requires ?? [], path, undefined);
  return needed;
}

/** What the answer to a fetch at a path brings. */
export function placesFilled(fetch: FetchNode, path: PlanPath): readonly Place[] {
  const filled: Place[] = [];
  const renamed = new Map<string, string>();
  for (const rewrite of fetch.outputRewrites ?? [])
    if (rewrite.kind === 'KeyRenamer') renamed.set(rewrite.path.at(-1)!, rewrite.renameKeyTo);

  const walk = (set: SelectionSetNode, at: PlanPath, type: string | undefined): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        walk(selection.selectionSet, at, selection.typeCondition?.name.value ?? type);
      if (selection.kind !== Kind.FIELD) continue;
      const key = selection.alias?.value ?? selection.name.value;
      const below = [...at, renamed.get(key) ?? key];
      filled.push(toPlace(below, type));
      if (selection.selectionSet) walk(selection.selectionSet, below, undefined);
    }
  };
  for (const definition of parse(fetch.operation, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (!fetch.requires) walk(definition.selectionSet, path, undefined);
    else
      for (const entities of definition.selectionSet.selections)
        if (entities.kind === Kind.FIELD && entities.selectionSet)
          walk(entities.selectionSet, path, undefined);
  }
  return filled;
}

const toPlace = (path: PlanPath, type: string | undefined): Place => ({
  path: path.filter((step) => step !== '@').join('\n'),
  type,
});
