import type { PlanSelection } from '../planning/planner.ts';
import { mergeInto } from './merge.ts';
import type { TypeConditions } from './type-conditions.ts';
import { type DataMap, isMap, own } from './values.ts';

/**
 * Builds the representation of an entity out of what is known of it.
 *
 * @returns undefined when a required field is not known, because the fetch for it failed or the type condition does
 * not hold: the entity is then left out of the fetch.
 */
export function buildRepresentation(
  entity: DataMap,
  requires: readonly PlanSelection[],
  isOfType: TypeConditions,
): DataMap | undefined {
  const representation = select(entity, requires, isOfType);
  return typeof representation?.__typename === 'string' ? representation : undefined;
}

function select(
  source: DataMap,
  selections: readonly PlanSelection[],
  isOfType: TypeConditions,
): DataMap | undefined {
  const result: DataMap = {};
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const value = own(source, selection.alias ?? selection.name);
      if (value === undefined) return undefined;
      const selected = selection.selections ? selectIn(value, selection.selections, isOfType) : value;
      if (selected === undefined) return undefined;
      result[selection.name] = selected;
      continue;
    }
    const typename = own(source, '__typename');
    const applies =
      selection.typeCondition === undefined ||
      (typeof typename === 'string' && isOfType(typename, selection.typeCondition));
    const part = applies ? select(source, selection.selections, isOfType) : undefined;
    if (part) mergeInto(result, part);
  }
  return result;
}

/** Undefined when anything below is not known: a null in its place would be taken for the value. */
function selectIn(value: unknown, selections: readonly PlanSelection[], isOfType: TypeConditions): unknown {
  if (!Array.isArray(value)) return isMap(value) ? select(value, selections, isOfType) : null;
  const items = value.map((item) => selectIn(item, selections, isOfType));
  return items.includes(undefined) ? undefined : items;
}
