/** Which pages of other sites may use the API: CORS, off unless configured, and the refusal of forged GETs. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { EdgeError } from '../errors.ts';

export interface CrossSitePolicy {
  /** Sets CORS headers for an allowed origin. To be called before anything is sent, errors included. */
  grant(req: IncomingMessage, res: ServerResponse): void;
  /**
   * Refuses a GET that a foreign page made a browser send. Browsers say so in Sec-Fetch-Site; the API holds no
   * cookies, but the time an answer takes tells a stranger's page something about a network it cannot reach itself.
   *
   * @throws EdgeError CROSS_SITE_REQUEST_REFUSED
   */
  refuseForged(req: IncomingMessage): void;
}

/** @param origins exact origins, or `*` for any. */
export function crossSitePolicy(origins: readonly string[]): CrossSitePolicy {
  const any = origins.includes('*');
  const allowed = new Set(origins);
  const allows = (origin: string | undefined) => origin !== undefined && (any || allowed.has(origin));
  return {
    grant(req, res) {
      if (origins.length === 0) return;
      // Also without an Origin: a cache must not hand this answer to a page.
      res.setHeader('vary', 'Origin');
      const { origin } = req.headers;
      if (!allows(origin)) return;
      res.setHeader('access-control-allow-origin', any ? '*' : (origin as string));
      res.setHeader('access-control-expose-headers', 'x-request-id, retry-after');
      res.setHeader('cross-origin-resource-policy', 'cross-origin');
      if (req.method === 'OPTIONS' && req.headers['access-control-request-method']) {
        res.setHeader('access-control-allow-methods', 'GET, POST');
        res.setHeader(
          'access-control-allow-headers',
          'authorization, content-type, accept, traceparent, tracestate',
        );
        res.setHeader('access-control-max-age', '7200');
      }
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
