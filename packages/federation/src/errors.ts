/**
 * Every error code this package gives to a client, in one place. docs/errors.md is held to it by a test.
 * `status` is the HTTP status where nothing of the operation ran; inside a GraphQL response it plays no part.
 */
export interface ErrorEntry {
  readonly status: number;
  /** May the same request succeed if it is simply sent again? */
  readonly retryable: boolean;
  readonly meaning: string;
}

export const federationErrors = {
  GRAPHQL_PARSE_FAILED: { status: 400, retryable: false, meaning: 'The document is not GraphQL.' },
  GRAPHQL_VALIDATION_FAILED: {
    status: 400,
    retryable: false,
    meaning: 'The document does not fit the schema.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    status: 400,
    retryable: false,
    meaning: 'The document has no operation of that name, or several and no name was given.',
  },
  BAD_USER_INPUT: {
    status: 400,
    retryable: false,
    meaning: 'A variable or argument has a value that its type does not take.',
  },
  OPERATION_TOO_COMPLEX: {
    status: 400,
    retryable: false,
    meaning: 'The operation is over a limit; `extensions` name it (`limit`) and say how much it is (`max`).',
  },
  OPERATION_NOT_SUPPORTED: {
    status: 400,
    retryable: false,
    meaning: 'The gateway does not execute this kind of operation.',
  },
  QUERY_PLANNING_FAILED: {
    status: 500,
    retryable: false,
    meaning: 'No plan could be made for a valid operation.',
  },
  QUERY_PLANNING_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'More operations wait for a plan than can be served, or the planner is being started anew.',
  },
  SUPERGRAPH_UNAVAILABLE: { status: 503, retryable: true, meaning: 'No supergraph has been composed yet.' },
  DOWNSTREAM_SERVICE_ERROR: {
    status: 502,
    retryable: false,
    meaning: 'A subgraph reported an error without a code of its own.',
  },
  SUBGRAPH_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'No instance of the subgraph that owns the field could be reached.',
  },
  SUBGRAPH_TIMEOUT: {
    status: 504,
    retryable: true,
    meaning: 'The subgraph did not answer within the time allowed.',
  },
  SUBGRAPH_INVALID_RESPONSE: {
    status: 502,
    retryable: false,
    meaning: 'The subgraph answered something that is not a GraphQL response.',
  },
  RESPONSE_TOO_LARGE: {
    status: 502,
    retryable: false,
    meaning: 'A subgraph answered more than the gateway takes.',
  },
  REQUEST_TIMEOUT: {
    status: 504,
    retryable: true,
    meaning: 'The whole operation took longer than the gateway allows.',
  },
  INTERNAL_SERVER_ERROR: {
    status: 500,
    retryable: false,
    meaning: 'A fault of ours; the details are in the log under the request id.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type FederationErrorCode = keyof typeof federationErrors;
