import {
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql';
import { codedError } from '../coded-error.ts';
import type { ParsedOperation } from '../operation/parse-operation.ts';
import { createFieldCollector, createTypeDependence, type RuntimeType } from './collect-fields.ts';
import type { ErrorLog } from './error-log.ts';
import { type DataMap, isMap, own, type ResponsePath } from './values.ts';

export interface ProjectionOptions {
  /** The API schema: what it does not have, a client does not see. */
  readonly schema: GraphQLSchema;
  readonly parsed: ParsedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: ErrorLog;
  internalName(field: FieldNode): string;
  /** The subgraph that was asked for the field at a path of an object of a type. */
  serviceAt(path: ResponsePath, typename: string): string | undefined;
  /** Answers `__schema` and `__type`. */
  introspect(fields: readonly FieldNode[]): unknown;
}

/** The parent must be null: a non-null position came out null. */
const BUBBLE = Symbol('null bubbles up');

/**
 * Shapes the gathered data into the client's answer by GraphQL §6.4 (CompleteValue): the client's names in the
 * client's order, leaves checked, nulls bubbling up from non-null positions, each with an error.
 */
export function project(data: DataMap, options: ProjectionOptions): DataMap | null {
  const { schema, parsed, errors } = options;
  const collectFields = createFieldCollector(schema, parsed.fragments, options.variables);
  const dependsOnType = createTypeDependence(schema, parsed.fragments, options.variables);
  const path: Array<string | number> = [];

  /** `place` is a field's coordinate, `Type.field`. */
  const invalid = (message: string, field: FieldNode, place: string): null => {
    if (!errors.isExplained(path)) {
      const service = options.serviceAt(path, place.slice(0, place.indexOf('.')));
      errors.add(
        codedError('SUBGRAPH_INVALID_RESPONSE', message, field, {
          path: [...path],
          ...(service !== undefined && { extensions: { service } }),
        }),
      );
    }
    return null;
  };

  const completeObject = (type: RuntimeType, source: DataMap, fields: readonly FieldNode[]): unknown => {
    // No prototype: `__proto__` is a legal response name.
    const result: DataMap = Object.create(null);
    for (const [name, group] of collectFields(fields, type)) {
      path.push(name);
      const value = completeField(type, source, group);
      path.pop();
      if (value === BUBBLE) return null;
      if (value !== undefined) result[name] = value;
    }
    return result;
  };

  const completeField = (parent: RuntimeType, source: DataMap, fields: readonly FieldNode[]): unknown => {
    const field = fields[0]!;
    const name = field.name.value;
    if (name === '__typename') {
      if (isObjectType(parent)) return parent.name;
      invalid(
        `No subgraph told the type of an object of the interface ${parent.name}.`,
        field,
        `${parent.name}.${name}`,
      );
      return BUBBLE;
    }
    if (parent === schema.getQueryType() && (name === '__schema' || name === '__type'))
      return options.introspect(fields);
    const definition = parent.getFields()[name];
    if (!definition) return undefined;
    return complete(
      definition.type,
      own(source, options.internalName(field)),
      fields,
      `${parent.name}.${name}`,
    );
  };

  const complete = (
    type: GraphQLOutputType,
    value: unknown,
    fields: readonly FieldNode[],
    place: string,
  ): unknown => {
    if (isNonNullType(type)) {
      const completed = complete(type.ofType, value, fields, place);
      if (completed !== null) return completed;
      invalid(`Cannot return null for non-nullable field ${place}.`, fields[0]!, place);
      return BUBBLE;
    }
    if (value === undefined || value === null) return null;
    if (isListType(type)) return completeList(type.ofType, value, fields, place);
    if (isLeafType(type)) return completeLeaf(type, value, fields, place);
    if (!isMap(value)) return invalid(`Expected an object for ${place}.`, fields[0]!, place);
    const runtimeType = isAbstractType(type) ? runtimeTypeOf(type, value) : type;
    if (!runtimeType || (isInterfaceType(runtimeType) && dependsOnType(fields, runtimeType)))
      return invalid(`Unknown type of an object for ${place}.`, fields[0]!, place);
    if (isAbstractType(type) && runtimeType !== type && !schema.isSubType(type, runtimeType)) {
      return invalid(`Wrong type of an object for ${place}.`, fields[0]!, place);
    }
    return completeObject(runtimeType, value, fields);
  };

  const runtimeTypeOf = (declared: GraphQLAbstractType, value: DataMap): RuntimeType | undefined => {
    const typename = own(value, '__typename');
    // The planner leaves it out where nothing depends on it: a subgraph with `@interfaceObject` does not know it.
    if (typename === undefined && isInterfaceType(declared)) return declared;
    const type = schema.getType(String(typename));
    return isObjectType(type) || isInterfaceType(type) ? type : undefined;
  };

  const completeList = (
    type: GraphQLOutputType,
    value: unknown,
    fields: readonly FieldNode[],
    place: string,
  ): unknown => {
    if (!Array.isArray(value)) return invalid(`Expected a list for ${place}.`, fields[0]!, place);
    const items: unknown[] = [];
    for (const [index, item] of value.entries()) {
      path.push(index);
      const completed = complete(type, item, fields, place);
      path.pop();
      if (completed === BUBBLE) return null;
      items.push(completed);
    }
    return items;
  };

  const completeLeaf = (
    type: GraphQLLeafType,
    value: unknown,
    fields: readonly FieldNode[],
    place: string,
  ): unknown => {
    try {
      const completed: unknown = type.serialize(value);
      if (completed !== undefined && completed !== null) return completed;
    } catch {
      // The type's own message would quote the value, which may be one that the API hides on purpose.
    }
    return invalid(`Expected a value of type ${type.name} for ${place}.`, fields[0]!, place);
  };

  const { operation } = parsed;
  const rootType = schema.getRootType(operation.operation);
  if (!rootType) return null;
  // The root selection, as if it were the one field of something above it.
  const root: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: operation.operation },
    selectionSet: operation.selectionSet,
  };
  return completeObject(rootType, data, [root]) as DataMap | null;
}
