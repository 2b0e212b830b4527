import { type ConstDirectiveNode, type DocumentNode, type FieldDefinitionNode, Kind } from 'graphql';
import { namesInFieldSet } from '../../field-set.ts';
import {
  booleanArgument,
  enumArgument,
  fieldsTypes,
  isFieldsType,
  stringArgument,
} from '../../join-directives.ts';
import type { Links } from './find-links.ts';

/** Takes from each subgraph the `@external` declarations that only fields needed which have moved away. */
export function withoutUnusedExternals(supergraph: DocumentNode, { moving, staying }: Links): DocumentNode {
  const left = new Set(
    moving.flatMap(({ graph, requires }) => [...namesInFieldSet(requires)].map((name) => `${graph} ${name}`)),
  );
  const stillUsed = namesInUse(supergraph, staying);
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

/** `graph name` of every field that a subgraph must go on declaring. */
function namesInUse(supergraph: DocumentNode, staying: Links['staying']): ReadonlySet<string> {
  const used = new Set<string>();
  const use = (graph: string | undefined, fields: string | undefined): void => {
    for (const name of fields === undefined ? [] : namesInFieldSet(fields)) used.add(`${graph} ${name}`);
  };
  for (const { graph, requires } of staying) use(graph, requires);
  for (const type of fieldsTypes(supergraph)) {
    for (const directive of type.directives ?? [])
      use(enumArgument(directive, 'graph'), stringArgument(directive, 'key'));
    for (const field of type.fields ?? []) {
      for (const directive of field.directives ?? []) {
        const graph = enumArgument(directive, 'graph');
        use(graph, stringArgument(directive, 'provides'));
        // An implementation must declare what its interface does.
        if (type.kind === Kind.INTERFACE_TYPE_DEFINITION) use(graph, field.name.value);
      }
    }
  }
  return used;
}
