import { type ASTNode, GraphQLError, type GraphQLErrorOptions } from 'graphql';
import type { FederationErrorCode } from './errors.ts';

interface ErrorDetails {
  readonly path?: ReadonlyArray<string | number>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** For the log; never serialized. */
  readonly cause?: unknown;
}

/** An error for the client, with a code out of the catalogue (`federationErrors`). */
export function codedError(
  code: FederationErrorCode,
  message: string,
  node?: ASTNode,
  details?: ErrorDetails,
): GraphQLError {
  return new GraphQLError(message, {
    ...(node && { nodes: node }),
    ...(details?.path && { path: details.path }),
    ...(details?.cause instanceof Error && { originalError: details.cause }),
    extensions: { ...details?.extensions, code },
  });
}

/** The same error, its code set; an error that has one keeps it. */
export function withCode(error: GraphQLError, code: FederationErrorCode): GraphQLError {
  if (error.extensions.code !== undefined) return error;
  return changed(error, { extensions: { ...error.extensions, code } });
}

/** The same error with another path; without one when it is empty. */
export function withPath(error: GraphQLError, path: ReadonlyArray<string | number>): GraphQLError {
  return changed(error, { path: path.length > 0 ? path : null });
}

export function withMessage(error: GraphQLError, message: string): GraphQLError {
  return changed(error, {}, message);
}

function changed(error: GraphQLError, options: GraphQLErrorOptions, message = error.message): GraphQLError {
  const { nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
    ...options,
  });
}
