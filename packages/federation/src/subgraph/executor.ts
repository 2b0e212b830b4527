import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Context, Service } from 'moleculer';
import type { FederationErrorCode } from '../errors.ts';
import type { SubgraphError, SubgraphRequest, SubgraphResponse } from '../protocol.ts';
import { type CompiledOperation, compileOperation } from './execution/compiled-operation.ts';
import { executeCompiled } from './execution/execute-compiled.ts';
import { createResolverContext, type SubgraphMeta } from './resolver-context.ts';
import { translateError } from './resolver-errors.ts';

/** Gateways send few distinct operations, but write literal values into some of them. */
const MAX_CACHED_OPERATIONS = 1_000;
const MAX_CACHED_CHARACTERS = 2_000_000;
/** Tokens of one operation; a merged fetch is long, a hostile document longer. */
const MAX_TOKENS = 20_000;

/** A document of this schema. */
interface Prepared {
  readonly document: DocumentNode;
  /** By operation, made when it is first run; undefined for what graphql-js has to execute. */
  readonly compiled: Map<OperationDefinitionNode, CompiledOperation | undefined>;
}

export type Execute = (ctx: Context<unknown, SubgraphMeta>, service: Service) => Promise<SubgraphResponse>;

/**
 * Executes the operation in `ctx.params`. Parsed and validated operations are cached, bounded. Never rejects: whatever
 * goes wrong is in `errors`, each with a code; without `data` nothing ran. What clients must not see of an error goes
 * to the service's log under the request id.
 */
export function createExecutor(schema: GraphQLSchema): Execute {
  const documents = new LRUCache<string, Prepared>({
    max: MAX_CACHED_OPERATIONS,
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (_prepared, query) => query.length + 1,
  });

  /** @returns the document, or why it is none of this schema. Refused ones are not cached: they would push out good ones. */
  function prepare(query: string): Prepared | SubgraphError[] {
    const cached = documents.get(query);
    if (cached) return cached;
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: MAX_TOKENS });
    } catch (error) {
      return [refusal('GRAPHQL_PARSE_FAILED', error as GraphQLError)];
    }
    const errors = validate(schema, document);
    if (errors.length > 0) return errors.map((error) => refusal('GRAPHQL_VALIDATION_FAILED', error));
    const prepared = { document, compiled: new Map() };
    documents.set(query, prepared);
    return prepared;
  }

  /** Undefined where graphql-js has to execute the operation. */
  function compile({ document, compiled }: Prepared, operation: OperationDefinitionNode, query: string) {
    const known = compiled.get(operation);
    if (known || compiled.has(operation)) return known;
    const made = compileOperation(schema, document, operation, query);
    compiled.set(operation, made);
    return made;
  }

  return async (ctx, service) => {
    const request = ctx.params as SubgraphRequest;
    const prepared = prepare(request.query);
    if (Array.isArray(prepared)) return { errors: prepared };

    const { document } = prepared;
    const definition = getOperationAST(document, request.operationName);
    if (!definition) {
      const message = request.operationName
        ? `The document has no operation '${request.operationName}'.`
        : 'The document has several operations or none; name one in operationName.';
      return { errors: [refusal('OPERATION_RESOLUTION_FAILURE', new GraphQLError(message))] };
    }
    const { operation } = definition;
    if (operation === 'subscription') {
      const message = 'A subgraph action answers once: it executes queries and mutations, not subscriptions.';
      return { errors: [refusal('OPERATION_NOT_SUPPORTED', new GraphQLError(message))] };
    }

    const contextValue = createResolverContext(ctx, service, operation);
    const compiled = compile(prepared, definition, request.query);
    const result = compiled
      ? await executeCompiled(compiled, request.variables, contextValue)
      : await execute({
          schema,
          document,
          operationName: request.operationName,
          variableValues: request.variables,
          contextValue,
        });
    if (result.data === undefined) {
      return { errors: result.errors?.map((error) => refusal('BAD_USER_INPUT', error)) ?? [] };
    }
    if (!result.errors) return { data: result.data };
    const reported = new Set<unknown>();
    return {
      data: result.data,
      errors: result.errors.map((error) => fieldError(error, ctx, service, reported)),
    };
  };
}

/** The operation was not run; the message is graphql-js's own, about what the sender sent. */
function refusal(code: FederationErrorCode, error: GraphQLError): SubgraphError {
  return { ...error.toJSON(), extensions: { code } };
}

/** One thrown error may end many fields (a shared batch): it is logged once. */
function fieldError(
  error: GraphQLError,
  ctx: Context<unknown, SubgraphMeta>,
  service: Service,
  reported: Set<unknown>,
): SubgraphError {
  const thrown = error.originalError ?? error;
  const { message, extensions, log } = translateError(thrown);
  if (log && !reported.has(thrown)) {
    reported.add(thrown);
    service.logger[log](`${error.path?.join('.')} failed (request ${ctx.requestID}):`, thrown);
  }
  return { ...error.toJSON(), message, extensions };
}
