/** Writes answers. Every response leaves with the same strict headers; only the two query pages loosen their CSP. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { EdgeError } from '../errors.ts';

const strict: OutgoingHttpHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

/**
 * Sends a whole response. Does nothing when the client is gone or an answer has begun. For HEAD Node itself leaves
 * the body out.
 */
export function send(
  res: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
  headers: OutgoingHttpHeaders = {},
): void {
  if (res.headersSent || res.destroyed) return;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  res.writeHead(status, {
    ...strict,
    // CORS may have said `cross-origin` already.
    'cross-origin-resource-policy': res.getHeader('cross-origin-resource-policy') ?? 'same-origin',
    'content-type': contentType,
    'content-length': length,
    ...headers,
  });
  res.end(body);
}

export function sendJson(res: ServerResponse, status: number, value: unknown): void {
  send(res, status, JSON_TYPE, JSON.stringify(value));
}

/** The one shape every refusal has, GraphQL or not. */
export const errorBody = (code: string, message: string): string =>
  JSON.stringify({ errors: [{ message, extensions: { code } }] });

/** Answers with what the client may know of `error`: an EdgeError as it stands, anything else as a fault of ours. */
export function sendError(res: ServerResponse, error: unknown, contentType: string = JSON_TYPE): void {
  if (error instanceof EdgeError)
    send(res, error.status, contentType, errorBody(error.code, error.message), error.headers);
  else send(res, 500, contentType, errorBody('INTERNAL_SERVER_ERROR', 'Internal server error'));
}
