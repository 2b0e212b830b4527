import { type FieldNode, type GraphQLError, Kind, type SelectionSetNode } from 'graphql';
import { withPath } from '../coded-error.ts';
import type { ParsedOperation } from '../operation/parse-operation.ts';
import { type DataMap, isMap, type ResponsePath } from './values.ts';

/**
 * Cuts an error's path where it leaves what the client asked for, or the answer: a field that only a `@requires` needed
 * is not the client's. Below a null the path goes on, as in graphql-js: it tells what failed there.
 */
export function toClientPlace(
  error: GraphQLError,
  data: DataMap | null,
  parsed: ParsedOperation,
): GraphQLError {
  if (!error.path) return error;
  const length = Math.min(lengthInAnswer(error.path, data), lengthInOperation(error.path, parsed));
  return length === error.path.length ? error : withPath(error, error.path.slice(0, length));
}

function lengthInAnswer(path: ResponsePath, data: DataMap | null): number {
  let value: unknown = data;
  for (const [index, step] of path.entries()) {
    if (value === null) return path.length;
    const isThere = Array.isArray(value)
      ? typeof step === 'number' && step < value.length
      : isMap(value) && Object.hasOwn(value, step);
    if (!isThere) return index;
    value = (value as Record<string | number, unknown>)[step];
  }
  return path.length;
}

function lengthInOperation(path: ResponsePath, { operation, fragments }: ParsedOperation): number {
  let sets: readonly SelectionSetNode[] = [operation.selectionSet];
  for (const [index, step] of path.entries()) {
    if (typeof step === 'number') continue;
    const fields: FieldNode[] = [];
    const seen = new Set<string>();
    const find = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          if ((selection.alias ?? selection.name).value === step) fields.push(selection);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) find(selection.selectionSet);
        else if (!seen.has(selection.name.value)) {
          seen.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment) find(fragment.selectionSet);
        }
      }
    };
    for (const set of sets) find(set);
    if (fields.length === 0) return index;
    sets = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
  }
  return path.length;
}
