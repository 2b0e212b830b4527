import {
  type FieldNode,
  type GraphQLAbstractType,
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
import type { ParsedOperation } from '../../operation/parse-operation.ts';
import { createFieldCollector, createTypeDependence, type RuntimeType } from '../collect-fields.ts';
import { type DataMap, isMap, own } from '../values.ts';
import { leafWriter, SURPRISE } from './leaf-text.ts';
import { SHARED, type Shareable } from './unify.ts';

/**
 * The client's answer as JSON text, in one walk over the gathered data. Equal to `JSON.stringify(project(data))`, or
 * undefined when the data holds anything that `project` would answer with an error: that is then asked instead.
 */
export type TextProjection = (data: DataMap) => string | undefined;

/** Writes a value or throws SURPRISE. */
type Writer = (value: unknown) => string;
type ObjectWriter = (source: Shareable) => string;

/**
 * Compiles the projection of an operation. Undefined when it has introspection in it.
 *
 * @param variables whose `@skip` and `@include` conditions are built in.
 */
export function compileProjection(
  schema: GraphQLSchema,
  parsed: ParsedOperation,
  variables: Readonly<Record<string, unknown>>,
  internalName: (field: FieldNode) => string,
): TextProjection | undefined {
  const collectFields = createFieldCollector(schema, parsed.fragments, variables);
  const dependsOnType = createTypeDependence(schema, parsed.fragments, variables);

  /** The fields' text of an object; type and fields are those of one place of the operation. */
  const compileObject = (type: RuntimeType, fields: readonly FieldNode[]): ObjectWriter => {
    const starts: string[] = [];
    const names: string[] = [];
    const writers: Writer[] = [];
    let pending = '{';
    let first = true;
    for (const [responseName, group] of collectFields(fields, type)) {
      const field = group[0]!;
      pending += `${first ? '' : ','}${JSON.stringify(responseName)}:`;
      first = false;
      if (field.name.value === '__typename') {
        if (!isObjectType(type)) return surprise;
        pending += `"${type.name}"`;
        continue;
      }
      const definition = type.getFields()[field.name.value];
      if (!definition) return surprise;
      starts.push(pending);
      pending = '';
      names.push(internalName(field));
      writers.push(compileValue(definition.type, group));
    }
    return objectWriter(starts, names, writers, `${pending}}`);
  };

  const compileValue = (type: GraphQLOutputType, fields: readonly FieldNode[]): Writer => {
    if (isNonNullType(type)) {
      const inner = compileNullable(type.ofType, fields);
      return (value) => (value === null || value === undefined ? surprise() : inner(value));
    }
    const inner = compileNullable(type, fields);
    return (value) => (value === null || value === undefined ? 'null' : inner(value));
  };

  const compileNullable = (type: GraphQLOutputType, fields: readonly FieldNode[]): Writer => {
    if (isListType(type)) return listWriter(compileValue(type.ofType, fields));
    if (isLeafType(type)) return leafWriter(type);
    if (isAbstractType(type)) return compileAbstract(type, fields);
    if (!isObjectType(type)) return surprise;
    const object = lazily(() => compileObject(type, fields));
    return (value) => (isMap(value) ? object(value) : surprise());
  };

  const compileAbstract = (type: GraphQLAbstractType, fields: readonly FieldNode[]): Writer => {
    const byType = new Map<RuntimeType, ObjectWriter>();
    return (value) => {
      if (!isMap(value)) return surprise();
      const typename = own(value, '__typename');
      const runtimeType =
        typename === undefined && isInterfaceType(type) ? type : schema.getType(String(typename));
      if (!isObjectType(runtimeType) && !isInterfaceType(runtimeType)) return surprise();
      if (isInterfaceType(runtimeType) && dependsOnType(fields, runtimeType)) return surprise();
      let writer = byType.get(runtimeType);
      if (!writer) {
        if (runtimeType !== type && !schema.isSubType(type, runtimeType)) return surprise();
        writer = compileObject(runtimeType, fields);
        byType.set(runtimeType, writer);
      }
      return writer(value);
    };
  };

  const { operation } = parsed;
  const rootType = schema.getRootType(operation.operation);
  if (!rootType) return undefined;
  const root: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: operation.operation },
    selectionSet: operation.selectionSet,
  };
  const roots = collectFields([root], rootType);
  for (const [field] of roots.values()) if (/^__(schema|type)$/.test(field!.name.value)) return undefined;
  const writeRoot = compileObject(rootType, [root]);
  return (data) => {
    try {
      return writeRoot(data);
    } catch (error) {
      if (error === SURPRISE) return undefined;
      throw error;
    }
  };
}

const surprise = (): never => {
  throw SURPRISE;
};

function objectWriter(
  starts: readonly string[],
  names: readonly string[],
  writers: readonly Writer[],
  end: string,
): ObjectWriter {
  const inherited = names.some((name) => name in Object.prototype);
  const selection = {};
  const write: ObjectWriter = (source) => {
    let text = '';
    for (let index = 0; index < starts.length; index++) {
      const name = names[index]!;
      const value = inherited ? own(source, name) : source[name];
      text += starts[index]! + writers[index]!(value);
    }
    return text + end;
  };
  return (source) => {
    const shared = source[SHARED];
    if (shared === undefined) return write(source);
    if (shared.selection !== selection) {
      shared.text = write(source);
      shared.selection = selection;
    }
    return shared.text;
  };
}

function listWriter(item: Writer): Writer {
  return (value) => {
    if (!Array.isArray(value)) return surprise();
    let text = '[';
    for (let index = 0; index < value.length; index++) text += (index === 0 ? '' : ',') + item(value[index]);
    return `${text}]`;
  };
}

/** Types may hold each other; documents end. */
function lazily(compile: () => ObjectWriter): ObjectWriter {
  let writer: ObjectWriter | undefined;
  return (source) => {
    writer ??= compile();
    return writer(source);
  };
}
