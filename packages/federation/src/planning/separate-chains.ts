import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { parseFieldSet } from './field-set.ts';
import {
  booleanArgument,
  enumArgument,
  type FieldsTypeDefinition,
  fieldsTypes,
  isFieldsType,
  stringArgument,
} from './join-directives.ts';

export interface SeparatedChains {
  readonly supergraph: DocumentNode;
  /** The subgraph that a made-up one stands for; any other name stands for itself. */
  serviceOf(name: string): string;
}

/** A field of a subgraph that requires others. */
interface Link {
  readonly type: string;
  readonly field: FieldDefinitionNode;
  readonly graph: string;
  readonly requires: string;
}

/**
 * Where a field requires others and is required itself, puts it into a subgraph of its own as the planner sees it.
 *
 * In a chain `b.second → requires a.first → requires b.origin`, asked for from `a`, the planner selects `origin` in `a`:
 * it is declared there, as `@external`, and the planner does not look at that when it merges fetches (buildPlan.js
 * `handleRequiresTree` and `canRebaseOn`, 2.14). `a` answers null or nothing, `first` is computed out of it, and the
 * client gets a wrong answer and no error. So the field moves to a made-up subgraph, its `@external` fields with it:
 * what is not declared cannot be selected, and fetches of different subgraphs are never merged. The made-up subgraph
 * knows no more than keys, required fields and what the field returns.
 */
export function separateChains(supergraph: DocumentNode): SeparatedChains {
  const { moving, staying } = findLinks(supergraph);
  const services = new Map<string, string>();
  let result = supergraph;
  for (const [index, link] of moving.entries()) {
    const service = serviceName(supergraph, link.graph);
    if (service === undefined) continue;
    services.set(`${service}__chain_${index}`, service);
    result = moveLink(result, link, `${link.graph}__CHAIN_${index}`, `${service}__chain_${index}`);
  }
  if (moving.length > 0) result = withoutUnusedExternals(result, moving, staying);
  return { supergraph: result, serviceOf: (name) => services.get(name) ?? name };
}

/** The links of chains move, and with them each field whose requirements would keep their `@external` fields in place. */
function findLinks(supergraph: DocumentNode): {
  readonly moving: readonly Link[];
  readonly staying: readonly Link[];
} {
  const links = fieldsTypes(supergraph).flatMap((type) => requirements(type));
  const required = new Set<string>();
  for (const { requires } of links) addNames(parseFieldSet(requires), required);
  const origins = new Set<string>();
  for (const { field, graph, requires } of links)
    if (required.has(field.name.value)) for (const name of namesIn(requires)) origins.add(`${graph} ${name}`);
  const moves = ({ field, graph, requires }: Link): boolean =>
    required.has(field.name.value) || [...namesIn(requires)].some((name) => origins.has(`${graph} ${name}`));
  return origins.size === 0
    ? { moving: [], staying: links }
    : { moving: links.filter(moves), staying: links.filter((link) => !moves(link)) };
}

function requirements(type: FieldsTypeDefinition): readonly Link[] {
  const interfaceObjectIn = (type.directives ?? [])
    .filter((directive) => booleanArgument(directive, 'isInterfaceObject'))
    .map((directive) => enumArgument(directive, 'graph'));
  return (type.fields ?? []).flatMap((field) =>
    (field.directives ?? []).flatMap((directive): Link[] => {
      const requires = stringArgument(directive, 'requires');
      const graph = enumArgument(directive, 'graph');
      if (requires === undefined || graph === undefined || interfaceObjectIn.includes(graph)) return [];
      return [{ type: type.name.value, field, graph, requires }];
    }),
  );
}

function namesIn(fields: string): ReadonlySet<string> {
  const names = new Set<string>();
  addNames(parseFieldSet(fields), names);
  return names;
}

/** Takes from each subgraph the `@external` declarations that only fields needed which have moved away. */
function withoutUnusedExternals(
  supergraph: DocumentNode,
  moved: readonly Link[],
  staying: readonly Link[],
): DocumentNode {
  const left = new Set(
    moved.flatMap(({ graph, requires }) => [...namesIn(requires)].map((name) => `${graph} ${name}`)),
  );
  const stillUsed = new Set<string>();
  const use = (graph: string | undefined, fields: string | undefined): void => {
    for (const name of fields === undefined ? [] : namesIn(fields)) stillUsed.add(`${graph} ${name}`);
  };
  for (const { graph, requires } of staying) use(graph, requires);
  for (const type of fieldsTypes(supergraph)) {
    for (const directive of type.directives ?? [])
      use(enumArgument(directive, 'graph'), stringArgument(directive, 'key'));
    for (const field of type.fields ?? []) {
      for (const directive of field.directives ?? [])
        use(enumArgument(directive, 'graph'), stringArgument(directive, 'provides'));
      // An implementation must declare what its interface does.
      if (type.kind === Kind.INTERFACE_TYPE_DEFINITION)
        for (const directive of field.directives ?? [])
          use(enumArgument(directive, 'graph'), field.name.value);
    }
  }
  const isUnused = (field: FieldDefinitionNode, directive: ConstDirectiveNode): boolean => {
    const place = `${enumArgument(directive, 'graph')} ${field.name.value}`;
    return booleanArgument(directive, 'external') === true && left.has(place) && !stillUsed.has(place);
  };
  return {
    ...supergraph,
    definitions: supergraph.definitions.map((definition) =>
      isFieldsType(definition)
        ? {
            ...definition,
            fields: (definition.fields ?? []).map((field) => ({
              ...field,
              directives: (field.directives ?? []).filter((directive) => !isUnused(field, directive)),
            })),
          }
        : definition,
    ),
  };
}

function addNames(set: SelectionSetNode, names: Set<string>): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) names.add(selection.name.value);
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet)
      addNames(selection.selectionSet, names);
  }
}

function serviceName(supergraph: DocumentNode, graph: string): string | undefined {
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    const value = definition.values?.find(({ name }) => name.value === graph);
    for (const directive of value?.directives ?? []) return stringArgument(directive, 'name');
  }
  return undefined;
}

function moveLink(supergraph: DocumentNode, link: Link, graph: string, service: string): DocumentNode {
  const shown = shownTo(supergraph, link);
  const copies = (directives: readonly ConstDirectiveNode[] | undefined): readonly ConstDirectiveNode[] => [
    ...(directives ?? []),
    ...(directives ?? [])
      .filter((directive) => enumArgument(directive, 'graph') === link.graph)
      .map((directive) => withGraph(directive, graph)),
  ];
  const moved = (field: FieldDefinitionNode): FieldDefinitionNode => ({
    ...field,
    directives: (field.directives ?? []).map((directive) =>
      enumArgument(directive, 'graph') === link.graph ? withGraph(directive, graph) : directive,
    ),
  });

  const rewrite = (definition: DefinitionNode): DefinitionNode => {
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph')
      return { ...definition, values: [...(definition.values ?? []), graphValue(graph, service)] };
    if (!('name' in definition) || !definition.name || !shown.has(definition.name.value)) return definition;
    if (isFieldsType(definition)) {
      const fields = shown.get(definition.name.value)!;
      const isLinkType = definition.name.value === link.type;
      return {
        ...definition,
        directives: copies(definition.directives),
        fields: (definition.fields ?? []).map((field) => {
          if (isLinkType && field.name.value === link.field.name.value) return moved(field);
          return fields.has(field.name.value) ? { ...field, directives: copies(field.directives) } : field;
        }),
      };
    }
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION)
      return {
        ...definition,
        directives: copies(definition.directives),
        values: (definition.values ?? []).map((value) => ({
          ...value,
          directives: copies(value.directives),
        })),
      };
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      return {
        ...definition,
        directives: copies(definition.directives),
        fields: (definition.fields ?? []).map((field) => ({
          ...field,
          directives: copies(field.directives),
        })),
      };
    if (definition.kind === Kind.SCALAR_TYPE_DEFINITION || definition.kind === Kind.UNION_TYPE_DEFINITION)
      return { ...definition, directives: copies(definition.directives) };
    return definition;
  };
  return { ...supergraph, definitions: supergraph.definitions.map(rewrite) };
}

/** Types that the made-up subgraph needs, each with the fields that it has there. */
function shownTo(supergraph: DocumentNode, link: Link): ReadonlyMap<string, ReadonlySet<string>> {
  const definitions = new Map(
    supergraph.definitions.flatMap((definition) =>
      'name' in definition && definition.name ? [[definition.name.value, definition]] : [],
    ),
  );
  const shown = new Map<string, Set<string>>();
  const isHere = (directive: ConstDirectiveNode): boolean => enumArgument(directive, 'graph') === link.graph;

  const showField = (type: string, field: FieldDefinitionNode): void => {
    const fields = shown.get(type)!;
    if (fields.has(field.name.value)) return;
    fields.add(field.name.value);
    show(namedType(field.type));
    for (const argument of field.arguments ?? []) show(namedType(argument.type));
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
    for (const field of definition.fields ?? []) {
      const joins = (field.directives ?? []).filter((directive) => directive.name.value === 'join__field');
      const everywhere = joins.length === 0;
      // An entity is left by its key.
      if (everywhere || (keys.every((key) => key === undefined) && joins.some(isHere)))
        showField(name, field);
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
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        showSet(selection.typeCondition?.name.value ?? name, selection.selectionSet);
      if (selection.kind !== Kind.FIELD) continue;
      const holders = [
        definition,
        ...fieldsTypes(supergraph).filter(({ interfaces }) => interfaces?.some((i) => i.name.value === name)),
      ];
      for (const holder of holders) {
        const field = holder.fields?.find((candidate) => candidate.name.value === selection.name.value);
        if (!field || !shown.has(holder.name.value)) continue;
        showField(holder.name.value, field);
        if (selection.selectionSet) showSet(namedType(field.type), selection.selectionSet);
      }
    }
  };

  showSet(link.type, parseFieldSet(link.requires));
  show(namedType(link.field.type));
  for (const argument of link.field.arguments ?? []) show(namedType(argument.type));
  return shown;
}

function graphValue(graph: string, service: string) {
  return {
    kind: Kind.ENUM_VALUE_DEFINITION,
    name: { kind: Kind.NAME, value: graph },
    directives: [
      {
        kind: Kind.DIRECTIVE,
        name: { kind: Kind.NAME, value: 'join__graph' },
        arguments: [
          {
            kind: Kind.ARGUMENT,
            name: { kind: Kind.NAME, value: 'name' },
            value: { kind: Kind.STRING, value: service },
          },
          {
            kind: Kind.ARGUMENT,
            name: { kind: Kind.NAME, value: 'url' },
            value: { kind: Kind.STRING, value: '' },
          },
        ],
      },
    ],
  } as const;
}

function withGraph(directive: ConstDirectiveNode, graph: string): ConstDirectiveNode {
  return {
    ...directive,
    arguments: (directive.arguments ?? []).map((argument) =>
      argument.name.value === 'graph' ? { ...argument, value: { kind: Kind.ENUM, value: graph } } : argument,
    ),
  };
}

function namedType(node: TypeNode): string {
  let type = node;
  while (type.kind !== Kind.NAMED_TYPE) type = type.type;
  return type.name.value;
}
