/** From an execution result to an HTTP answer (GraphQL-over-HTTP §6). */
import type { ExecutionResult, GraphQLError } from 'graphql';
import { federationErrors } from 'moleculer-federation';
import type { Negotiated } from './accept.ts';
import { masked } from './masking.ts';
import type { Outcome } from './metrics.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly outcome: Outcome;
  /** Codes of the errors in the body. */
  readonly codes: readonly string[];
}

const statusByCode: Readonly<Record<string, { readonly status: number } | undefined>> = federationErrors;

/**
 * With `data`, even null: 200, the operation ran. Without: the status of the first error's code; a client that asked
 * for `application/json` by name gets 200 for its own mistakes, as the specification has it for that media type.
 */
export function answerOf(
  result: ExecutionResult,
  wanted: Negotiated,
  report: (error: GraphQLError) => void,
): Answer {
  const response = masked(result, report);
  const codes = (response.errors ?? []).map((error) => String(error.extensions?.code));
  const ran = 'data' in response;
  const status = ran ? 200 : (statusByCode[codes[0] ?? '']?.status ?? 500);
  const outcome: Outcome = ran
    ? codes.length === 0
      ? 'success'
      : 'partial'
    : status < 500
      ? 'client_error'
      : 'server_error';
  return {
    status: status < 500 && wanted.legacy ? 200 : status,
    body: JSON.stringify(response),
    headers: status === 503 ? { 'retry-after': '1' } : {},
    outcome,
    codes,
  };
}
