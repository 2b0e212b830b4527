import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import {
  booleanArgument,
  enumArgument,
  type FieldsTypeDefinition,
  fieldsTypes,
  namedType,
  stringArgument,
} from '../join-directives.ts';
import { printCompact } from '../print-compact.ts';
import type { Cure } from './cure.ts';

/**
 * Fault: `{ media { ... on Book { rating } } }`, where `media` is told by a subgraph that knows `Media` as an
 * `@interfaceObject` only, and `rating` requires something in another one. The planner finds out in one fetch which of
 * them are books, in a second fetch of the same subgraph what is required, merges the second into the first although
 * it follows it, and runs round that ring until its memory is full (buildPlan.js
 * `mergeFetchesToSameSubgraphAndSameInputs`, 2.14).
 *
 * Cure: there, `rating` is asked of all media. Who is a book is asked as well, and decides what the client sees. Where
 * the name means something else on another type, and where the type condition stands on a union or another interface, it
 * stays as it is.
 */
export const interfaceObjectRequirements: Cure = (supergraph) => {
  const types = readTypes(supergraph);
  const names = new Set([...types.values()].flatMap(({ requiring }) => [...requiring.keys()]));
  if (names.size === 0) return {};
  return {
    operation: (asked) => (mentions(asked, names) ? raiseAll(asked, types) : asked),
  };
};

interface TypeFacts {
  /** Field → the type that it returns, and who resolves it, by its names in `join__Graph`. */
  readonly fields: ReadonlyMap<string, { readonly type: string; readonly graphs: ReadonlySet<string> }>;
  readonly interfaces: ReadonlySet<string>;
  /** Subgraphs that have an object in the interface's place. */
  readonly objectIn: ReadonlySet<string>;
  /** Fields of these that require others → the subgraph. */
  readonly requiring: ReadonlyMap<string, string>;
}

type Types = ReadonlyMap<string, TypeFacts>;

const readTypes = (supergraph: DocumentNode): Types =>
  new Map(fieldsTypes(supergraph).map((type) => [type.name.value, readType(type)]));

function readType({ directives = [], fields = [], interfaces = [] }: FieldsTypeDefinition): TypeFacts {
  const graphsOf = (given: typeof directives): string[] =>
    given.flatMap((directive) => enumArgument(directive, 'graph') ?? []);
  const objectIn = new Set(
    graphsOf(directives.filter((directive) => booleanArgument(directive, 'isInterfaceObject') === true)),
  );
  const requiring = new Map<string, string>();
  for (const field of fields)
    for (const directive of field.directives ?? []) {
      const graph = enumArgument(directive, 'graph') ?? '';
      if (objectIn.has(graph) && stringArgument(directive, 'requires') !== undefined)
        requiring.set(field.name.value, graph);
    }
  return {
    fields: new Map(
      fields.map((field) => {
        const joined = (field.directives ?? []).filter(({ name }) => name.value === 'join__field');
        const graphs = new Set(graphsOf(joined.length > 0 ? joined : directives));
        return [field.name.value, { type: namedType(field.type), graphs }];
      }),
    ),
    interfaces: new Set(interfaces.map(({ name }) => name.value)),
    objectIn,
    requiring,
  };
}

function mentions(document: DocumentNode, names: ReadonlySet<string>): boolean {
  let found = false;
  visit(document, {
    Field({ name }) {
      if (names.has(name.value)) found = true;
    },
  });
  return found;
}

/** The document with named fragments written out: what is raised out of one is so at one of its places only. */
function raiseAll(document: DocumentNode, types: Types): DocumentNode {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);

  /** @param graphs who may have told the objects. */
  const rewrite = (set: SelectionSetNode, type: string, graphs: ReadonlySet<string>): SelectionSetNode => {
    const selections = set.selections.map((selection): FieldNode | InlineFragmentNode => {
      if (selection.kind === Kind.FIELD) {
        const field = types.get(type)?.fields.get(selection.name.value);
        if (!selection.selectionSet || !field) return selection;
        return { ...selection, selectionSet: rewrite(selection.selectionSet, field.type, field.graphs) };
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : spread(selection.name.value);
      const on = fragment.typeCondition?.name.value ?? type;
      return { ...fragment, selectionSet: rewrite(fragment.selectionSet, on, graphs) };
    });
    return { ...set, selections: raise(selections, type, graphs, types) };
  };
  const spread = (name: string): InlineFragmentNode => {
    const { typeCondition, selectionSet } = fragments.get(name)!;
    return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet };
  };

  return {
    ...document,
    definitions: document.definitions.flatMap((definition) => {
      if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
      const root = definition.operation === 'mutation' ? 'Mutation' : 'Query';
      return [{ ...definition, selectionSet: rewrite(definition.selectionSet, root, new Set()) }];
    }),
  };
}

/** What stands under type conditions and must not, moved out of them, to the interface. */
function raise(
  selections: readonly SelectionNode[],
  type: string,
  graphs: ReadonlySet<string>,
  types: Types,
): readonly SelectionNode[] {
  const facts = types.get(type);
  if (!facts || facts.requiring.size === 0) return selections;
  const told = [...facts.objectIn].filter((graph) => graphs.has(graph));
  const meanings = meaningsOf(selections);
  const raised: FieldNode[] = [];

  const mustMove = (field: FieldNode, on: string): boolean => {
    const graph = facts.requiring.get(field.name.value);
    if (graph === undefined || told.every((one) => one === graph)) return false;
    const own = types.get(on)!.fields.get(field.name.value)!.graphs;
    return (on === type || own.size === 0) && meanings.get(responseName(field))?.size === 1;
  };
  const lower = (selection: SelectionNode, on: string): SelectionNode => {
    if (selection.kind !== Kind.INLINE_FRAGMENT) return selection;
    const condition = selection.typeCondition?.name.value ?? on;
    const fits = condition === type || types.get(condition)?.interfaces.has(type);
    if (!fits) return selection;
    const moved = selection.selectionSet.selections.filter(
      (inner): inner is FieldNode => inner.kind === Kind.FIELD && mustMove(inner, condition),
    );
    raised.push(...moved);
    const left = selection.selectionSet.selections
      .filter((inner) => !moved.includes(inner as FieldNode))
      .map((inner) => lower(inner, condition));
    // Who is of the type has to be known as before.
    const rest = moved.length > 0 ? [TYPENAME, ...left] : left;
    return { ...selection, selectionSet: { ...selection.selectionSet, selections: rest } };
  };

  const lowered = selections.map((selection) => lower(selection, type));
  return raised.length > 0 ? [...lowered, ...raised] : selections;
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

const responseName = (field: FieldNode): string => field.alias?.value ?? field.name.value;

/** Response name → the different fields, as text, that have it anywhere under these selections' type conditions. */
function meaningsOf(selections: readonly SelectionNode[]): ReadonlyMap<string, ReadonlySet<string>> {
  const meanings = new Map<string, Set<string>>();
  const collect = (selection: SelectionNode): void => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      selection.selectionSet.selections.forEach(collect);
      return;
    }
    const name = responseName(selection);
    meanings.set(name, (meanings.get(name) ?? new Set()).add(printCompact(selection)));
  };
  selections.forEach(collect);
  return meanings;
}
