import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  Kind,
  TypeNameMetaFieldDef,
} from 'graphql';
import type { ParsedOperation } from '../../operation/parse-operation.ts';
import { createFieldCollector } from '../collect-fields.ts';

/** All objects at one place of the client's answer, lists stepped into. */
export interface ResponseNode {
  /** Its number among the nodes of the operation. */
  readonly id: number;
  readonly type: GraphQLObjectType;
  /** In the client's order. */
  readonly fields: readonly ResponseField[];
}

export interface ResponseField {
  readonly responseName: string;
  /** Under which the plan's fetches answer it. */
  readonly name: string;
  /** `typename` is the name of its object's type, whatever an answer says. */
  readonly kind: 'typename' | 'leaf' | 'object';
  readonly type: GraphQLOutputType;
  /** Of an object, or of the objects in a list. */
  readonly node: ResponseNode | undefined;
}

export interface ResponseTree {
  readonly root: ResponseNode;
  readonly nodes: readonly ResponseNode[];
}

/**
 * The client's answer as a tree, with `@skip` and `@include` decided by `variables`. Undefined for an operation with
 * introspection, or with an interface or a union, whose fields an answer decides on.
 */
export function toResponseTree(
  schema: GraphQLSchema,
  parsed: ParsedOperation,
  variables: Readonly<Record<string, unknown>>,
  internalName: (field: FieldNode) => string,
): ResponseTree | undefined {
  const collectFields = createFieldCollector(schema, parsed.fragments, variables);
  const nodes: ResponseNode[] = [];

  const nodeOf = (type: GraphQLObjectType, selections: readonly FieldNode[]): ResponseNode | undefined => {
    const fields: ResponseField[] = [];
    const node = { id: nodes.length, type, fields };
    nodes.push(node);
    for (const [responseName, group] of collectFields(selections, type)) {
      const field = fieldOf(type, responseName, group);
      if (!field) return undefined;
      fields.push(field);
    }
    return node;
  };

  const fieldOf = (
    parent: GraphQLObjectType,
    responseName: string,
    group: readonly FieldNode[],
  ): ResponseField | undefined => {
    const name = internalName(group[0]!);
    const fieldName = group[0]!.name.value;
    if (fieldName === TypeNameMetaFieldDef.name)
      return { responseName, name, kind: 'typename', type: TypeNameMetaFieldDef.type, node: undefined };
    // What is left out, `__schema` and `__type`, is not of any subgraph.
    const type = parent.getFields()[fieldName]?.type;
    if (!type) return undefined;
    const named = getNamedType(type);
    if (isLeafType(named)) return { responseName, name, kind: 'leaf', type, node: undefined };
    const node = isObjectType(named) ? nodeOf(named, group) : undefined;
    return node && { responseName, name, kind: 'object', type, node };
  };

  const { operation } = parsed;
  const rootType = schema.getRootType(operation.operation);
  const selection: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: operation.operation },
    selectionSet: operation.selectionSet,
  };
  const root = rootType ? nodeOf(rootType, [selection]) : undefined;
  return root && { root, nodes };
}
