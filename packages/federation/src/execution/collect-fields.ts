import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** An interface stands for an object whose exact type nobody had to find out. */
export type RuntimeType = GraphQLObjectType | GraphQLInterfaceType;

/** Response name → the field's selections, in the order of GraphQL §6.3.2 CollectFields. */
export type FieldGroups = ReadonlyMap<string, readonly FieldNode[]>;

/** Collects the fields that a set of selections asks of an object of a runtime type. Memoised: lists repeat both. */
export function createFieldCollector(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
): (fields: readonly FieldNode[], type: RuntimeType) => FieldGroups {
  const memo = new WeakMap<readonly FieldNode[], Map<RuntimeType, FieldGroups>>();

  const included = (selection: SelectionNode): boolean => isIncluded(selection, variables);

  const applies = (condition: string | undefined, type: RuntimeType): boolean => {
    if (condition === undefined || condition === type.name) return true;
    const conditional = schema.getType(condition);
    return isAbstractType(conditional) && schema.isSubType(conditional, type);
  };

  const collect = (
    set: SelectionSetNode,
    type: RuntimeType,
    groups: Map<string, FieldNode[]>,
    seen: Set<string>,
  ): void => {
    for (const selection of set.selections) {
      if (!included(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const group = groups.get(name);
        if (group) group.push(selection);
        else groups.set(name, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection.typeCondition?.name.value, type))
          collect(selection.selectionSet, type, groups, seen);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment && applies(fragment.typeCondition.name.value, type))
          collect(fragment.selectionSet, type, groups, seen);
      }
    }
  };

  return (fields, type) => {
    const byType = memo.get(fields) ?? new Map<RuntimeType, FieldGroups>();
    memo.set(fields, byType);
    const known = byType.get(type);
    if (known) return known;
    const groups = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    for (const field of fields) if (field.selectionSet) collect(field.selectionSet, type, groups, seen);
    byType.set(type, groups);
    return groups;
  };
}

function isIncluded(selection: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  return (
    getDirectiveValues(GraphQLSkipDirective, selection, variables)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.if !== false
  );
}

/** Tells whether a set of selections asks some objects of an interface for more than others: then their type must be known. */
export function createTypeDependence(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
): (fields: readonly FieldNode[], type: GraphQLInterfaceType) => boolean {
  const memo = new WeakMap<readonly FieldNode[], boolean>();

  /** Does the set ask a field of `types`, and these are fewer than `all`? */
  const asks = (
    set: SelectionSetNode,
    types: readonly GraphQLObjectType[],
    all: readonly GraphQLObjectType[],
  ): boolean =>
    set.selections.some((selection) => {
      if (!isIncluded(selection, variables)) return false;
      if (selection.kind === Kind.FIELD) return types !== all;
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const condition = schema.getType(fragment?.typeCondition?.name.value ?? '');
      const narrowed = isObjectType(condition)
        ? types.filter((type) => type === condition)
        : isAbstractType(condition)
          ? types.filter((type) => schema.isSubType(condition, type))
          : types;
      if (!fragment || narrowed.length === 0) return false;
      return asks(fragment.selectionSet, narrowed.length === types.length ? types : narrowed, all);
    });

  return (fields, type) => {
    let known = memo.get(fields);
    if (known === undefined) {
      const all = schema.getPossibleTypes(type);
      known = fields.some(({ selectionSet }) => selectionSet && asks(selectionSet, all, all));
      memo.set(fields, known);
    }
    return known;
  };
}
