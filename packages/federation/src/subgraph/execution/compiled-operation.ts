/** A query made ready to run many times: what graphql-js finds out anew for every object is found out once. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  TypeNameMetaFieldDef,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';

export interface CompiledOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly root: readonly CompiledField[];
}

export interface CompiledField {
  readonly responseName: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** All the places that select it; the first one's arguments count. */
  readonly nodes: readonly FieldNode[];
  readonly shape: Shape;
  /** What is selected of it, by the type that it turns out to have. */
  readonly selections: Map<GraphQLObjectType, readonly CompiledField[]>;
}

/** A field's type, taken apart. */
export type Shape = { readonly nonNull: boolean } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType }
);

/**
 * What these texts need is left to graphql-js: a selection that depends on variables, introspection, and a name that
 * would change an object's prototype. A text that only looks so is executed rightly all the same.
 */
const LEFT_TO_GRAPHQL = /@(skip|include)\b|\b__(schema|type|proto__)\b/;

/** @returns undefined for an operation that graphql-js has to execute. The document has been validated. */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  text: string,
): CompiledOperation | undefined {
  const rootType = schema.getQueryType();
  if (operation.operation !== 'query' || !rootType || LEFT_TO_GRAPHQL.test(text)) return undefined;
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  const fields = collectFields(schema, fragments, {}, rootType, operation.selectionSet);
  return { schema, operation, fragments, root: compileFields(rootType, fields) };
}

/** What `field` selects of an object of type `type`; compiled when that type is met for the first time. */
export function selectionOf(
  { schema, fragments }: CompiledOperation,
  field: CompiledField,
  type: GraphQLObjectType,
): readonly CompiledField[] {
  const known = field.selections.get(type);
  if (known) return known;
  const compiled = compileFields(type, collectSubfields(schema, fragments, {}, type, field.nodes));
  field.selections.set(type, compiled);
  return compiled;
}

function compileFields(
  parentType: GraphQLObjectType,
  fields: ReadonlyMap<string, readonly FieldNode[]>,
): readonly CompiledField[] {
  const known = parentType.getFields();
  return [...fields].flatMap(([responseName, nodes]) => {
    const name = nodes[0]!.name.value;
    const definition = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : known[name];
    if (!definition) return [];
    const shape = shapeOf(definition.type);
    return [{ responseName, parentType, definition, nodes, shape, selections: new Map() }];
  });
}

function shapeOf(type: GraphQLOutputType): Shape {
  if (isNonNullType(type)) return { ...shapeOf(type.ofType), nonNull: true };
  if (isListType(type)) return { nonNull: false, kind: 'list', item: shapeOf(type.ofType) };
  if (isObjectType(type)) return { nonNull: false, kind: 'object', type };
  if (isAbstractType(type)) return { nonNull: false, kind: 'abstract', type };
  return { nonNull: false, kind: 'leaf', type };
}
