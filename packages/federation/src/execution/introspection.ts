import { type ExecutionResult, executeSync, type FieldNode, type GraphQLSchema, Kind } from 'graphql';
import type { ParsedOperation } from '../operation/parse-operation.ts';

/**
 * Answers `__schema` and `__type` out of the API schema, in this process.
 *
 * @param fields the selections of one response name.
 */
export function introspect(
  schema: GraphQLSchema,
  parsed: ParsedOperation,
  given: Readonly<Record<string, unknown>>,
  fields: readonly FieldNode[],
): unknown {
  const result: ExecutionResult = executeSync({
    schema,
    document: {
      kind: Kind.DOCUMENT,
      definitions: [
        { ...parsed.operation, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } },
        ...parsed.fragments.values(),
      ],
    },
    variableValues: given,
  });
  const field = fields[0]!;
  return result.data?.[field.alias?.value ?? field.name.value] ?? null;
}
