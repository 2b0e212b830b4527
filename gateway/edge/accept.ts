/** Content negotiation on /graphql (GraphQL-over-HTTP §5.1 "Legacy watershed", RFC 9110 §12.5.1). */

export type MediaType = 'application/graphql-response+json' | 'application/json' | 'text/html';

export interface Negotiated {
  readonly type: MediaType;
  /**
   * The client named `application/json` itself. Such a client may take any 4xx for a proxy's, so the specification
   * has well-formed requests answered 200; whoever names nothing gets the true status.
   */
  readonly legacy: boolean;
}

/** What programs send, and nothing to weigh. */
const asNamed: ReadonlyMap<string, Negotiated> = new Map([
  ['application/json', { type: 'application/json', legacy: true }],
  ['application/graphql-response+json', { type: 'application/graphql-response+json', legacy: false }],
]);

const byDefault: Negotiated = { type: 'application/json', legacy: false };

/**
 * The best media type that `offered` and the Accept header have in common: highest q first, then the header's own
 * order. Undefined when there is none (406).
 */
export function negotiate(accept: string | undefined, offered: readonly MediaType[]): Negotiated | undefined {
  if (accept === undefined || accept === '*/*') return byDefault;
  const exact = asNamed.get(accept);
  if (exact && offered.includes(exact.type)) return exact;
  let best: Negotiated | undefined;
  let bestQuality = 0;
  for (const range of accept.slice(0, 1_000).split(',')) {
    const [name = '', ...params] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = params.find((param) => param.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    if (!(quality > bestQuality)) continue;
    const match = offered.find((type) => type === name);
    if (match) best = { type: match, legacy: match === 'application/json' };
    else if (name === '*/*' || name === 'application/*') best = byDefault;
    else continue;
    bestQuality = quality;
  }
  return best;
}
