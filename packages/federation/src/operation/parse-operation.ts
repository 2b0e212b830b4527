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
  options: ParseOptions,
): ParsedOperation | { readonly errors: readonly GraphQLError[] } {
  try {
    const document = parseDocument(query, options.limits.maxTokens);
    checkLimits(document, options.limits);
    const errors = validationErrors(schema, document, options);
    if (errors.length > 0) return { errors };
    return select(document, operationName);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    // The stack is full: thousands of brackets inside each other.
    if (error instanceof RangeError)
      return { errors: [codedError('OPERATION_TOO_COMPLEX', 'The document is nested too deeply.')] };
    throw error;
  }
}

export function validationErrors(
  schema: GraphQLSchema,
  document: DocumentNode,
  { introspection }: ParseOptions,
): readonly GraphQLError[] {
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const errors = validate(schema, document, rules, { maxErrors: 20 });
  const shown = introspection ? errors : errors.map(withoutSuggestion);
  return shown.map((error) => withCode(explained(error), 'GRAPHQL_VALIDATION_FAILED'));
}

/** Clients know these two from other servers: "unknown" would send their authors looking for a typing error. */
function explained(error: GraphQLError): GraphQLError {
  const name = /^Unknown directive "@(defer|stream)"\.$/.exec(error.message)?.[1];
  if (name === undefined) return error;
  return withMessage(error, `"@${name}" is not supported: an answer is sent whole. Leave the directive out.`);
}

function parseDocument(query: string, maxTokens: number): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const tooLong =
      error.message.includes(`more that ${maxTokens} tokens`) ||
      error.message.includes(`more than ${maxTokens} tokens`);
    if (!tooLong) throw withCode(error, 'GRAPHQL_PARSE_FAILED');
    const message = `The document has more than ${maxTokens} tokens.`;
    throw codedError('OPERATION_TOO_COMPLEX', message, undefined, {
      extensions: { limit: 'maxTokens', max: maxTokens },
    });
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
