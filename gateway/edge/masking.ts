/** What of an error a client may see. The last gate: whatever went wrong upstream, no stack or cause passes here. */
import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';

const INTERNAL = 'INTERNAL_SERVER_ERROR';
/** What went wrong on our side of the API; somebody here has to hear of it. */
const FAULTS = new Set([INTERNAL, 'QUERY_PLANNING_FAILED']);
/** Keys under which GraphQL servers are known to put stacks and originals. */
const NEVER = new Set(['stacktrace', 'stack', 'exception', 'originalError', 'cause', 'debug']);

export interface MaskedResult {
  readonly data?: ExecutionResult['data'];
  readonly errors?: readonly GraphQLFormattedError[];
}

/**
 * A response as the specification's map (§7.1). An error without a code was not meant for clients: it becomes
 * `INTERNAL_SERVER_ERROR` without its message. Such a fault, and a plan that could not be made, is handed to `report` in full. `extensions` of the response are
 * the engine's own affair and are dropped.
 */
export function masked(result: ExecutionResult, report: (error: GraphQLError) => void): MaskedResult {
  const errors = maskedErrors(result.errors, report);
  // `errors` first: whoever reads a long answer sees that it is not whole (§7.1 asks for this order).
  return {
    ...(errors.length > 0 && { errors }),
    ...('data' in result && result.data !== undefined && { data: result.data }),
  };
}

export const maskedErrors = (
  errors: readonly GraphQLError[] | undefined,
  report: (error: GraphQLError) => void,
): readonly GraphQLFormattedError[] => errors?.map((error) => maskedError(error, report)) ?? [];

function maskedError(error: GraphQLError, report: (error: GraphQLError) => void): GraphQLFormattedError {
  const given = error.extensions ?? {};
  const code = typeof given.code === 'string' && given.code !== '' ? given.code : INTERNAL;
  if (FAULTS.has(code)) report(error);
  const extensions: Record<string, unknown> = { code };
  for (const [key, value] of Object.entries(given))
    if (key !== 'code' && !NEVER.has(key)) extensions[key] = value;
  return {
    message: code === INTERNAL ? 'Internal server error' : error.message,
    ...(error.locations && { locations: error.locations }),
    ...(error.path && { path: error.path }),
    extensions,
  };
}
