import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { parseFieldSet } from '../../field-set.ts';
import { enumArgument, fieldsTypes, isFieldsType, namedType, stringArgument } from '../../join-directives.ts';
import type { Link } from './find-links.ts';

/** Type → the fields that it has in the made-up subgraph of a link. */
export type ShownTypes = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What the made-up subgraph of a link must know: the keys of the entity, what is required of it, and what the field
 * takes and returns. An entity among these is known by its keys alone, so that it can be left but not asked.
 */
export function shownTypes(supergraph: DocumentNode, link: Link): ShownTypes {
  const definitions = new Map(
    supergraph.definitions.flatMap((definition): [string, DefinitionNode][] =>
      'name' in definition && definition.name ? [[definition.name.value, definition]] : [],
    ),
  );
  const shown = new Map<string, Set<string>>();
  const isHere = (directive: ConstDirectiveNode): boolean => enumArgument(directive, 'graph') === link.graph;

  const showSignature = (field: FieldDefinitionNode): void => {
    show(namedType(field.type));
    for (const argument of field.arguments ?? []) show(namedType(argument.type));
  };

  const showField = (type: string, field: FieldDefinitionNode): void => {
    const fields = shown.get(type)!;
    if (fields.has(field.name.value)) return;
    fields.add(field.name.value);
    showSignature(field);
  };

  const show = (name: string): void => {
    const definition = definitions.get(name);
    if (shown.has(name) || !definition) return;
    shown.set(name, new Set());
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      for (const field of definition.fields ?? []) show(namedType(field.type));
    if (definition.kind === Kind.UNION_TYPE_DEFINITION)
      for (const directive of definition.directives ?? [])
        if (isHere(directive)) show(stringArgument(directive, 'member') ?? '');
    if (!isFieldsType(definition)) return;
    const keys = (definition.directives ?? [])
      .filter(isHere)
      .map((directive) => stringArgument(directive, 'key'));
    const isEntity = keys.some((key) => key !== undefined);
    for (const field of definition.fields ?? []) {
      const joins = (field.directives ?? []).filter((directive) => directive.name.value === 'join__field');
      const everywhere = joins.length === 0;
      if (everywhere || (!isEntity && joins.some(isHere))) showField(name, field);
    }
    for (const key of keys) if (key !== undefined) showSet(name, parseFieldSet(key));
    for (const directive of definition.directives ?? [])
      if (isHere(directive)) show(stringArgument(directive, 'interface') ?? '');
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
      for (const type of fieldsTypes(supergraph))
        if (type.directives?.some((d) => isHere(d) && stringArgument(d, 'interface') === name))
          show(type.name.value);
  };

  const showSet = (name: string, set: SelectionSetNode): void => {
    show(name);
    const definition = definitions.get(name);
    if (!definition || !isFieldsType(definition)) return;
    const holders = [
      definition,
      ...fieldsTypes(supergraph).filter(({ interfaces }) => interfaces?.some((i) => i.name.value === name)),
    ];
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        showSet(selection.typeCondition?.name.value ?? name, selection.selectionSet);
      if (selection.kind !== Kind.FIELD) continue;
      for (const holder of holders) {
        const field = holder.fields?.find((candidate) => candidate.name.value === selection.name.value);
        if (!field || !shown.has(holder.name.value)) continue;
        showField(holder.name.value, field);
        if (selection.selectionSet) showSet(namedType(field.type), selection.selectionSet);
      }
    }
  };

  showSet(link.type, parseFieldSet(link.requires));
  showSignature(link.field);
  return shown;
}
