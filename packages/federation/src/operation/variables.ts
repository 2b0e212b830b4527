import {
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { withCode } from '../coded-error.ts';

/**
 * Variables twice: `coerced` by the schema (defaults filled in) for what the gateway itself decides, `given` as the
 * client sent them for the subgraphs, which coerce by themselves and may know a custom scalar that we do not.
 */
export interface OperationVariables {
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly given: Readonly<Record<string, unknown>>;
}

export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): OperationVariables | { readonly errors: readonly GraphQLError[] } {
  const { coerced, errors } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    { ...given },
    { maxErrors: 20 },
  );
  if (errors) return { errors: errors.map((error) => withCode(error, 'BAD_USER_INPUT')) };
  return { coerced, given };
}
