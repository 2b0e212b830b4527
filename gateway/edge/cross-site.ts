/** Which pages of other sites may use the API: CORS, off unless configured, and the refusal of forged GETs. */
import type { IncomingMessage } from 'node:http';
import { EdgeError } from '../errors.ts';
import type { ResponseHeaders } from './respond.ts';

export interface CrossSitePolicy {
  /** The CORS headers of every answer to this request, refusals included. */
  grant(req: IncomingMessage): ResponseHeaders;
  /**
   * Refuses a GET that a foreign page made a browser send. Browsers say so in Sec-Fetch-Site; the API holds no
   * cookies, but the time an answer takes tells a stranger's page something about a network it cannot reach itself.
   *
   * @throws EdgeError CROSS_SITE_REQUEST_REFUSED
   */
  refuseForged(req: IncomingMessage): void;
}

const NOTHING: ResponseHeaders = {};

const PREFLIGHT: ResponseHeaders = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, accept, traceparent, tracestate',
  'access-control-max-age': '7200',
};

/** @param origins exact origins, or `*` for any. */
export function crossSitePolicy(origins: readonly string[]): CrossSitePolicy {
  const any = origins.includes('*');
  const allowed = new Set(origins);
  const allows = (origin: string | undefined) => origin !== undefined && (any || allowed.has(origin));
  return {
    grant(req) {
      if (origins.length === 0) return NOTHING;
      const { origin } = req.headers;
      // Also without an Origin: a cache must not hand this answer to a page.
      if (!allows(origin)) return { vary: 'Origin' };
      const granted = {
        vary: 'Origin',
        'access-control-allow-origin': any ? '*' : (origin as string),
        'access-control-expose-headers': 'x-request-id, retry-after',
        'cross-origin-resource-policy': 'cross-origin',
      };
      const preflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'];
      return preflight ? { ...granted, ...PREFLIGHT } : granted;
    },
    refuseForged(req) {
      const site = req.headers['sec-fetch-site'];
      const foreign = site === 'cross-site' || site === 'same-site';
      // A person following a link is no forgery: the answer is shown to nobody but them.
      const followed =
        req.headers['sec-fetch-mode'] === 'navigate' && req.headers['sec-fetch-dest'] === 'document';
      if (foreign && !followed && !allows(req.headers.origin))
        throw new EdgeError(
          'CROSS_SITE_REQUEST_REFUSED',
          'Pages of this origin may not use the API; see CORS_ORIGINS.',
        );
    },
  };
}
