/**
 * Executes a compiled operation as graphql-js would (specification §6): the same data, the same errors, the same order of
 * resolver calls. It is faster by what it leaves out: collecting fields and matching types for each object, an info and
 * a path for each field that is just read, promises where nothing is awaited.
 */
import {
  defaultTypeResolver,
  type ExecutionResult,
  GraphQLError,
  type GraphQLObjectType,
  getArgumentValues,
  getVariableValues,
} from 'graphql';
import { type CompiledField, type CompiledOperation, type Shape, selectionOf } from './compiled-operation.ts';
import { isPromise } from './is-promise.ts';
import { objectTypeOf } from './object-type.ts';
import { type Path, Run } from './run.ts';

/** As graphql-js limits them. */
const MAX_COERCION_ERRORS = 50;

/** Never rejects; without `data`, nothing ran. */
export async function executeCompiled(
  compiled: CompiledOperation,
  variables: Readonly<Record<string, unknown>> | null | undefined,
  context: unknown,
): Promise<ExecutionResult> {
  const { schema, operation, root } = compiled;
  const { coerced, errors } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variables ?? {},
    {
      maxErrors: MAX_COERCION_ERRORS,
    },
  );
  if (!coerced) return { errors };
  const run = new Run(compiled, coerced, context);
  let data: Record<string, unknown> | null;
  try {
    data = await executeFields(run, root, undefined, undefined);
  } catch (error) {
    run.report(error as GraphQLError, undefined);
    data = null;
  }
  return run.errors.length === 0 ? { data } : { data, errors: run.errors };
}

type Fields = Record<string, unknown>;

function executeFields(
  run: Run,
  fields: readonly CompiledField[],
  source: unknown,
  path: Path | undefined,
): Fields | Promise<Fields> {
  const results: Fields = {};
  let awaited: Promise<void>[] | undefined;
  try {
    for (const field of fields) {
      const { responseName } = field;
      const value = executeField(run, field, source, path);
      // The name has its place before its value is there: answers keep the order of the selection.
      results[responseName] = value;
      if (isPromise(value)) {
        awaited ??= [];
        awaited.push(
          value.then((settled) => {
            results[responseName] = settled;
          }),
        );
      }
    }
  } catch (error) {
    if (!awaited) throw error;
    // The others may fail too, and somebody has to hear it.
    return Promise.all(awaited)
      .then(() => results)
      .finally(() => {
        throw error;
      });
  }
  return awaited ? Promise.all(awaited).then(() => results) : results;
}

function executeField(run: Run, field: CompiledField, source: unknown, parent: Path | undefined): unknown {
  const { shape } = field;
  let path: Path | undefined;
  const place = (): Path => {
    path ??= { prev: parent, key: field.responseName, typename: field.parentType.name };
    return path;
  };
  try {
    const value = resolveField(run, field, source, place);
    if (shape.kind === 'leaf' && !isPromise(value)) return complete(run, field, shape, value, undefined);
    const at = place();
    const completed = isPromise(value)
      ? value.then((resolved) => complete(run, field, shape, resolved, at))
      : complete(run, field, shape, value, at);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error) => run.fail(error, field, shape.nonNull, at));
  } catch (error) {
    return run.fail(error, field, shape.nonNull, place());
  }
}

function resolveField(run: Run, field: CompiledField, source: unknown, place: () => Path): unknown {
  const { definition, nodes } = field;
  if (definition.resolve) {
    const args = definition.args.length > 0 ? getArgumentValues(definition, nodes[0]!, run.variables) : {};
    return definition.resolve(source, args, run.context, run.info(field, place()));
  }
  if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return undefined;
  const value = (source as Fields)[definition.name];
  if (typeof value !== 'function') return value;
  // As a method, so that `this` is the object.
  const args = getArgumentValues(definition, nodes[0]!, run.variables);
  return (source as Record<string, (...args: unknown[]) => unknown>)[definition.name]!(
    args,
    run.context,
    run.info(field, place()),
  );
}

/** @param path may be missing for a leaf only: nothing is below it. @throws what makes the place an error. */
function complete(
  run: Run,
  field: CompiledField,
  shape: Shape,
  value: unknown,
  path: Path | undefined,
): unknown {
  if (value instanceof Error) throw value;
  if (value === null || value === undefined) {
    if (!shape.nonNull) return null;
    throw new Error(`Cannot return null for non-nullable field ${nameOf(field)}.`);
  }
  switch (shape.kind) {
    case 'leaf': {
      const serialized: unknown = shape.type.serialize(value);
      if (serialized !== null && serialized !== undefined) return serialized;
      throw new Error(
        `Expected a value of type "${shape.type.name}" for ${nameOf(field)}, got ${serialized}.`,
      );
    }
    case 'list':
      return completeList(run, field, shape.item, value, path);
    case 'object':
      return completeObject(run, field, shape.type, value, path!);
    case 'abstract': {
      const resolveType = shape.type.resolveType ?? defaultTypeResolver;
      const name = resolveType(value, run.context, run.info(field, path!), shape.type);
      const whenKnown = (known: unknown) =>
        completeObject(run, field, objectTypeOf(known, shape.type, run.compiled.schema, field), value, path!);
      return isPromise(name) ? name.then(whenKnown) : whenKnown(name);
    }
  }
}

function completeList(
  run: Run,
  field: CompiledField,
  item: Shape,
  value: unknown,
  path: Path | undefined,
): unknown[] | Promise<unknown[]> {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value))
    throw new GraphQLError(`Expected Iterable, but did not find one for field "${nameOf(field)}".`);
  const results: unknown[] = [];
  let awaited = false;
  try {
    for (const element of value as Iterable<unknown>) {
      const completed = completeItem(run, field, item, element, path, results.length);
      awaited ||= isPromise(completed);
      results.push(completed);
    }
  } catch (error) {
    // Nobody waits for the others any more; a failure of theirs must not end the process.
    for (const result of results) if (isPromise(result)) result.then(undefined, () => undefined);
    throw error;
  }
  return awaited ? Promise.all(results) : results;
}

function completeItem(
  run: Run,
  field: CompiledField,
  shape: Shape,
  element: unknown,
  prev: Path | undefined,
  key: number,
): unknown {
  let path: Path | undefined;
  const place = (): Path => {
    path ??= { prev, key, typename: undefined };
    return path;
  };
  try {
    if (shape.kind === 'leaf' && !isPromise(element)) return complete(run, field, shape, element, undefined);
    const at = place();
    const completed = isPromise(element)
      ? element.then((resolved) => complete(run, field, shape, resolved, at))
      : complete(run, field, shape, element, at);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error) => run.fail(error, field, shape.nonNull, at));
  } catch (error) {
    return run.fail(error, field, shape.nonNull, place());
  }
}

function completeObject(
  run: Run,
  field: CompiledField,
  type: GraphQLObjectType,
  value: unknown,
  path: Path,
): Fields | Promise<Fields> {
  const proceed = () => executeFields(run, selectionOf(run.compiled, field, type), value, path);
  if (!type.isTypeOf) return proceed();
  const check = (is: boolean) => {
    if (is) return proceed();
    throw new GraphQLError(`Expected value of type "${type.name}" for ${nameOf(field)}.`, {
      nodes: field.nodes,
    });
  };
  const is = type.isTypeOf(value, run.context, run.info(field, path));
  return isPromise(is) ? is.then(check) : check(is);
}

const nameOf = ({ parentType, definition }: CompiledField): string => `${parentType.name}.${definition.name}`;
