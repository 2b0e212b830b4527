/**
 * Every code the HTTP edge itself answers with. The engine's codes are in packages/federation/src/errors.ts, the
 * services' in services/common/errors.ts; docs/errors.md documents all three and a test holds them together.
 */
export interface ErrorEntry {
  /** HTTP status the answer carries. */
  readonly status: number;
  /** May the same request succeed if it is simply sent again? */
  readonly retryable: boolean;
  readonly meaning: string;
}

export const edgeErrors = {
  BAD_REQUEST: {
    status: 400,
    retryable: false,
    meaning: 'Not a GraphQL-over-HTTP request: the body does not parse, or a parameter has the wrong type.',
  },
  TOKEN_INVALID: {
    status: 401,
    retryable: false,
    meaning: 'The bearer token is malformed, signed by a stranger, or meant for somebody else.',
  },
  TOKEN_EXPIRED: {
    status: 401,
    retryable: false,
    meaning: 'The bearer token was good once. Log in again.',
  },
  CROSS_SITE_REQUEST_REFUSED: {
    status: 403,
    retryable: false,
    meaning: 'A page of another site made a browser send this request without asking first (CSRF).',
  },
  NOT_FOUND: { status: 404, retryable: false, meaning: 'Nothing is served at this path.' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    meaning: 'The path exists, the method does not; `Allow` lists those that do. Mutations take POST.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    retryable: false,
    meaning: 'The `Accept` header takes none of the media types served here.',
  },
  REQUEST_NOT_RECEIVED: {
    status: 408,
    retryable: true,
    meaning: 'The request was not fully received in the time allowed.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, meaning: 'The request body is over `BODY_LIMIT`.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    meaning: 'The body is not `application/json` in UTF-8 without compression.',
  },
  HEADERS_TOO_LARGE: { status: 431, retryable: false, meaning: 'The request headers are over 16 KiB.' },
  AUTHENTICATION_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The keys that verify tokens could not be read yet. Anonymous requests are served.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type EdgeErrorCode = keyof typeof edgeErrors;

/** A refusal by the edge. The message is written for the client and is sent as it stands. */
export class EdgeError extends Error {
  override readonly name = 'EdgeError';
  readonly code: EdgeErrorCode;
  readonly status: number;
  /** Further response headers, such as `Allow` or `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: EdgeErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = edgeErrors[code].status;
    this.headers = headers;
  }
}
