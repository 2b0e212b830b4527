import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  print,
  type SelectionSetNode,
} from 'graphql';
import { parseFieldSet, printFieldSet } from '../../field-set.ts';
import {
  type FieldsTypeDefinition,
  fieldsTypes,
  isFieldsType,
  namedType,
  stringArgument,
} from '../../join-directives.ts';

/** A field as some `@requires` wants it, with its arguments: `price(currency: "USD")`. */
export interface RequiredField {
  /** The argument-free stand-in that is planned, `price__required_0`. */
  readonly virtualName: string;
  /** The real selection, without sub-selections. */
  readonly field: FieldNode;
}

export interface ArgumentRequirements {
  readonly supergraph: DocumentNode;
  readonly byVirtualName: ReadonlyMap<string, RequiredField>;
  /** Virtual names that `Type.field` requires, at any depth. */
  readonly ofField: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Gives each `@requires` use of a field that takes arguments a field of its own without any; `translate.ts` puts the
 * real field back into the fetches.
 */
export function isolateArgumentRequirements(supergraph: DocumentNode): ArgumentRequirements {
  const types = new Map(fieldsTypes(supergraph).map((type) => [type.name.value, type]));
  const byText = new Map<string, RequiredField>();
  const additions = new Map<string, Map<string, FieldDefinitionNode>>();
  const ofField = new Map<string, Set<string>>();

  const standIn = (parent: FieldsTypeDefinition, field: FieldNode): RequiredField | undefined => {
    const real = parent.fields?.find((candidate) => candidate.name.value === field.name.value);
    if (!real) return undefined;
    const { selectionSet: _, ...bare } = field;
    const text = print(bare);
    const known = byText.get(text) ?? {
      virtualName: `${field.name.value}__required_${byText.size}`,
      field: bare,
    };
    byText.set(text, known);
    for (const type of withImplementations(parent, types)) {
      const own = type.fields?.find((candidate) => candidate.name.value === field.name.value);
      if (!own) continue;
      const added = additions.get(type.name.value) ?? new Map<string, FieldDefinitionNode>();
      additions.set(type.name.value, added);
      added.set(known.virtualName, {
        ...own,
        name: { ...own.name, value: known.virtualName },
        arguments: [],
      });
    }
    return known;
  };

  const rewrite = (
    parent: FieldsTypeDefinition | undefined,
    set: SelectionSetNode,
    used: Set<string>,
  ): SelectionSetNode => ({
    ...set,
    selections: set.selections.map((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const narrowed = selection.typeCondition ? types.get(selection.typeCondition.name.value) : parent;
        return { ...selection, selectionSet: rewrite(narrowed, selection.selectionSet, used) };
      }
      const definition = parent?.fields?.find((candidate) => candidate.name.value === selection.name.value);
      const inner =
        selection.selectionSet &&
        rewrite(definition && types.get(namedType(definition.type)), selection.selectionSet, used);
      // Also where the requirement gives no argument: the client's use of the field may give one.
      const required = parent && definition?.arguments?.length ? standIn(parent, selection) : undefined;
      if (required) used.add(required.virtualName);
      return {
        ...selection,
        ...(inner && { selectionSet: inner }),
        ...(required && { name: { ...selection.name, value: required.virtualName }, arguments: [] }),
      };
    }),
  });

  const rewriteField = (type: FieldsTypeDefinition, field: FieldDefinitionNode): FieldDefinitionNode => {
    const rewriteDirective = (directive: ConstDirectiveNode): ConstDirectiveNode => {
      const requires = stringArgument(directive, 'requires');
      if (requires === undefined) return directive;
      const key = `${type.name.value}.${field.name.value}`;
      const used = ofField.get(key) ?? new Set<string>();
      const value = printFieldSet(rewrite(type, parseFieldSet(requires), used));
      if (used.size === 0) return directive;
      ofField.set(key, used);
      return {
        ...directive,
        arguments: (directive.arguments ?? []).map((argument) =>
          argument.name.value === 'requires'
            ? { ...argument, value: { kind: Kind.STRING, value } }
            : argument,
        ),
      };
    };
    return { ...field, directives: (field.directives ?? []).map(rewriteDirective) };
  };

  const rewritten = supergraph.definitions.map((definition) =>
    isFieldsType(definition)
      ? { ...definition, fields: (definition.fields ?? []).map((field) => rewriteField(definition, field)) }
      : definition,
  );
  // A stand-in may copy a field that itself requires something: take the copy's directives in their new form.
  const definitions = rewritten.map((definition) => {
    const added = isFieldsType(definition) ? additions.get(definition.name.value) : undefined;
    if (!added || !isFieldsType(definition)) return definition;
    return {
      ...definition,
      fields: [
        ...(definition.fields ?? []),
        ...[...added.values()].map((field) => rewriteField(definition, field)),
      ],
    };
  });
  return {
    supergraph: byText.size === 0 ? supergraph : { ...supergraph, definitions },
    byVirtualName: new Map([...byText.values()].map((required) => [required.virtualName, required])),
    ofField,
  };
}

function withImplementations(
  type: FieldsTypeDefinition,
  types: ReadonlyMap<string, FieldsTypeDefinition>,
): readonly FieldsTypeDefinition[] {
  if (type.kind === Kind.OBJECT_TYPE_DEFINITION) return [type];
  const implementations = [...types.values()].filter((candidate) =>
    candidate.interfaces?.some((implemented) => implemented.name.value === type.name.value),
  );
  return [type, ...implementations];
}
