/** W3C Trace Context level 1 (https://www.w3.org/TR/trace-context/): the `traceparent` header, in and out. */
import { randomHex } from '../../broker/random-hex.ts';

export interface TraceContext {
  /** 32 hex digits. Also Moleculer's requestID and the `x-request-id` of the response. */
  readonly traceId: string;
  /** The gateway's own span, 16 hex digits. */
  readonly spanId: string;
  /** Value for `ctx.meta.traceparent` and for outgoing requests. */
  readonly traceparent: string;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Continues the trace of a valid incoming header: trace id and sampled flag kept, a span of our own. An invalid or
 * missing header starts a new, sampled trace, as the specification asks (§4.3).
 */
export function traceContext(header: string | undefined): TraceContext {
  const parent = header === undefined ? undefined : parse(header);
  const traceId = parent?.traceId ?? randomHex(16);
  const spanId = randomHex(8);
  const flags = (parent?.sampled ?? true) ? '01' : '00';
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

function parse(header: string): { traceId: string; sampled: boolean } | undefined {
  const [, version, traceId, parentId, flags, more] = pattern.exec(header) ?? [];
  if (!version || !traceId || !parentId || !flags) return undefined;
  // Only later versions may have more fields; ff is forbidden for ever, all-zero ids mean "none".
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
