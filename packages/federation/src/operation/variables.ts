import { GraphQLError, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql';
import { codedError, withCode } from '../coded-error.ts';

/**
 * Variables twice: `coerced` by the schema (defaults filled in) for what the gateway itself decides, `given` as the
 * client sent them for the subgraphs, which coerce by themselves and may know a custom scalar that we do not.
 */
export interface OperationVariables {
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly given: Readonly<Record<string, unknown>>;
}

type Given = Readonly<Record<string, unknown>>;

export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Given,
): OperationVariables | { readonly errors: readonly GraphQLError[] } {
  if (!operation.variableDefinitions?.length) return { coerced: {}, given };
  const { coerced, errors } = getVariableValues(
    schema,
    operation.variableDefinitions,
    { ...given },
    { maxErrors: 20 },
  );
  if (errors) return { errors: errors.map(toClientError) };
  return { coerced, given };
}

/** graphql-js collects whatever was thrown: a RangeError too, where an input type holds itself thousands of times. */
function toClientError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return withCode(error, 'BAD_USER_INPUT');
  return codedError('BAD_USER_INPUT', 'A variable is nested too deeply.', undefined, { cause: error });
}
