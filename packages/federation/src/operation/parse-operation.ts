import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { codedError, withCode, withMessage } from '../coded-error.ts';
import { checkLimits, type OperationLimits } from './limits.ts';

/** A document that fits the schema and the limits, with the one operation that was asked for. */
export interface ParsedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

export interface ParseOptions {
  readonly limits: OperationLimits;
  readonly introspection: boolean;
}

/** Parse, limit, validate, select, in this order: each step's cost is bounded by the one before. */
export function parseOperation(
  schema: GraphQLSchema,
  query: string,
  operationName: string | undefined,
  { limits, introspection }: ParseOptions,
): ParsedOperation | { readonly errors: readonly GraphQLError[] } {
  try {
    const document = parseDocument(query, limits.maxTokens);
    checkLimits(document, limits);
    const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
    const errors = validate(schema, document, rules, { maxErrors: 20 });
    if (errors.length > 0) {
      const shown = introspection ? errors : errors.map(withoutSuggestion);
      return { errors: shown.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
    }
    return select(document, operationName);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    // The stack is full: thousands of brackets inside each other.
    if (error instanceof RangeError)
      return { errors: [codedError('OPERATION_TOO_COMPLEX', 'The document is nested too deeply.')] };
    throw error;
  }
}

function parseDocument(query: string, maxTokens: number): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const tooLong =
      error.message.includes(`more that ${maxTokens} tokens`) ||
      error.message.includes(`more than ${maxTokens} tokens`);
    throw withCode(error, tooLong ? 'OPERATION_TOO_COMPLEX' : 'GRAPHQL_PARSE_FAILED');
  }
}

function select(document: DocumentNode, operationName: string | undefined): ParsedOperation {
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const named = operationName !== undefined && operationName !== '';
  const operation = named
    ? operations.find((candidate) => candidate.name?.value === operationName)
    : operations.length === 1
      ? operations[0]
      : undefined;
  if (!operation) {
    throw codedError(
      'OPERATION_RESOLUTION_FAILURE',
      named
        ? `The document has no operation named "${operationName}".`
        : operations.length === 0
          ? 'The document has no operation.'
          : 'The document has several operations: say which one by operationName.',
    );
  }
  if (operation.operation === 'subscription') {
    throw codedError('OPERATION_NOT_SUPPORTED', 'Subscriptions are not supported.', operation);
  }
  return { document, operation, fragments };
}

/** "Did you mean …" would let a client guess its way through a schema that it may not introspect. */
function withoutSuggestion(error: GraphQLError): GraphQLError {
  return withMessage(error, error.message.replace(/ Did you mean .*$/s, ''));
}
