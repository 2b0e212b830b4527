import type { FederationErrorCode } from '../errors.ts';

export type SubgraphFetchErrorCode = Extract<
  FederationErrorCode,
  | 'SUBGRAPH_UNAVAILABLE'
  | 'SUBGRAPH_TIMEOUT'
  | 'SUBGRAPH_INVALID_RESPONSE'
  | 'RESPONSE_TOO_LARGE'
  | 'REQUEST_TIMEOUT'
>;

const publicMessages: Record<SubgraphFetchErrorCode, (service: string) => string> = {
  SUBGRAPH_UNAVAILABLE: (service) => `The subgraph "${service}" could not be reached.`,
  SUBGRAPH_TIMEOUT: (service) => `The subgraph "${service}" did not answer in time.`,
  SUBGRAPH_INVALID_RESPONSE: (service) => `The subgraph "${service}" gave an invalid answer.`,
  RESPONSE_TOO_LARGE: (service) => `The subgraph "${service}" answered more than the gateway takes.`,
  REQUEST_TIMEOUT: (service) => `The request's time was over before the subgraph "${service}" answered.`,
};

/**
 * No GraphQL response came of a fetch. The message is fit for a client; hosts, nodes and reasons are in `cause`,
 * which is for the log.
 */
export class SubgraphFetchError extends Error {
  override readonly name = 'SubgraphFetchError';
  readonly code: SubgraphFetchErrorCode;
  readonly service: string;

  constructor(code: SubgraphFetchErrorCode, service: string, cause?: unknown) {
    super(publicMessages[code](service), { cause });
    this.code = code;
    this.service = service;
  }
}
