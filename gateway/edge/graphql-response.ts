/** From an execution result to an HTTP answer (GraphQL-over-HTTP §6). */
import type { GraphQLError } from 'graphql';
import { federationErrors, type TextResult } from 'moleculer-federation';
import type { Negotiated } from './accept.ts';
import { maskedErrors } from './masking.ts';
import type { Outcome } from './metrics.ts';
import type { ResponseHeaders } from './respond.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Of this answer alone. */
  readonly headers?: ResponseHeaders;
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
  result: TextResult,
  wanted: Negotiated,
  report: (error: GraphQLError) => void,
): Answer {
  const errors = maskedErrors(result.errors, report);
  const codes = errors.map((error) => String(error.extensions?.code));
  const ran = result.data !== undefined;
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
    body: bodyOf(errors, result.data),
    ...(status === 503 && { headers: { 'retry-after': '1' } }),
    outcome,
    codes,
  };
}

/** `errors` first: whoever reads a long answer sees that it is not whole (§7.1 asks for this order). */
function bodyOf(errors: ReturnType<typeof maskedErrors>, data: string | undefined): string {
  if (errors.length === 0) return data === undefined ? '{}' : `{"data":${data}}`;
  const text = JSON.stringify(errors);
  return data === undefined ? `{"errors":${text}}` : `{"errors":${text},"data":${data}}`;
}
