import { type DocumentNode, Kind, parse, type SelectionSetNode, visit } from 'graphql';
import { booleanArgument, enumArgument, fieldsTypes, servicesOf } from '../join-directives.ts';
import type { FetchNode } from '../planner.ts';
import { printCompact } from '../print-compact.ts';
import type { Cure } from './cure.ts';
import { mapFetches } from './map-fetches.ts';

/**
 * Fault: of an entity whose type another subgraph has told, `Book`, the planner may ask the `__typename` once more of a
 * subgraph that has an `@interfaceObject` in its place. That one answers `Media`, which takes the place of `Book`, and
 * what the client asked for under `... on Book` is left out, without an error.
 *
 * Cure: an entity fetch to such a subgraph does not ask for the entity's type. It is known: the fetch was sent for it.
 */
export const interfaceObjectTypes: Cure = (supergraph) => {
  const objects = interfaceObjects(supergraph);
  if (objects.size === 0) return {};
  return {
    plan: (plan) =>
      mapFetches(plan, (fetch) => {
        const types = fetch.requires && objects.get(fetch.serviceName);
        return types ? withoutTypes(fetch, types) : fetch;
      }),
  };
};

function withoutTypes(fetch: FetchNode, types: ReadonlySet<string>): FetchNode {
  const others = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.filter(
      (selection) =>
        selection.kind !== Kind.FIELD ||
        selection.name.value !== '__typename' ||
        selection.alias !== undefined,
    ),
  });
  let depth = 0;
  const document = visit(parse(fetch.operation, { noLocation: true }), {
    Field: { enter: () => void depth++, leave: () => void depth-- },
    InlineFragment(fragment) {
      // Directly on an entity: below `_entities` only.
      if (depth !== 1 || !types.has(fragment.typeCondition?.name.value ?? '')) return undefined;
      const selectionSet = others(fragment.selectionSet);
      return selectionSet.selections.length > 0 ? { ...fragment, selectionSet } : undefined;
    },
  });
  return { ...fetch, operation: printCompact(document) };
}

/** Service → the interfaces that are objects there. */
function interfaceObjects(supergraph: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const services = servicesOf(supergraph);
  const found = new Map<string, Set<string>>();
  for (const type of fieldsTypes(supergraph))
    for (const directive of type.directives ?? []) {
      if (booleanArgument(directive, 'isInterfaceObject') !== true) continue;
      const service = services.get(enumArgument(directive, 'graph') ?? '');
      if (service !== undefined) found.set(service, (found.get(service) ?? new Set()).add(type.name.value));
    }
  return found;
}
