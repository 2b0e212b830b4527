/**
 * Events as messages: CloudEvents 1.0 in binary mode. Attributes travel as `ce-` headers, percent-encoded as in the HTTP
 * binding (§3.1.3.2); the payload is JSON. Extensions used: partitioning (`partitionkey`), correlation (`correlationid`,
 * `causationid`), auth context (`authtype`, `authid`, `authclaims`) and distributed tracing (`traceparent`, unprefixed too,
 * where tools of other makes look for it).
 */
import type { Message } from '../channel.ts';
import { PermanentError } from '../errors.ts';

export interface Identity {
  readonly id: string;
  readonly roles: readonly string[];
}

export interface CloudEvent<T = unknown> {
  readonly id: string;
  /** Who published: `/<service>`. */
  readonly source: string;
  readonly type: string;
  /** Of the payload's schema; carried in `dataschema`. */
  readonly version: number;
  /** What stays in order among itself. */
  readonly key: string;
  /** ISO 8601 */
  readonly time: string;
  readonly data: T;
  /** W3C trace context of the publisher. */
  readonly traceparent?: string;
  /** The id of the first event of the chain that this one belongs to. */
  readonly correlationId: string;
  /** The id of the event whose handling published this one. */
  readonly causationId?: string;
  /** On whose behalf; absent for the anonymous. */
  readonly user?: Identity;
}

const toBytes = new TextEncoder();
const toText = new TextDecoder('utf-8', { fatal: true });
const SCHEMA = /^urn:event:(.+):(\d+)$/;

export function toMessage(event: CloudEvent): Message {
  const { id, key, user, causationId, traceparent } = event;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': encode(id),
    'ce-source': encode(event.source),
    'ce-type': encode(event.type),
    'ce-time': encode(event.time),
    'ce-dataschema': encode(`urn:event:${event.type}:${event.version}`),
    'ce-partitionkey': encode(key),
    'ce-correlationid': encode(event.correlationId),
    'ce-authtype': user ? 'user' : 'unauthenticated',
  };
  if (causationId !== undefined) headers['ce-causationid'] = encode(causationId);
  if (traceparent !== undefined) headers['ce-traceparent'] = encode(traceparent);
  if (traceparent) headers.traceparent = traceparent;
  if (user) {
    headers['ce-authid'] = encode(user.id);
    headers['ce-authclaims'] = encode(JSON.stringify({ roles: user.roles }));
  }
  return { id, key, headers, data: toBytes.encode(JSON.stringify(event.data)) };
}

/** @throws PermanentError MALFORMED_EVENT */
export function fromMessage({ headers, data }: Message): CloudEvent {
  const optional = (name: string) => {
    const value = headers[`ce-${name}`];
    return value === undefined ? undefined : decode(value);
  };
  const required = (name: string) => {
    const value = optional(name);
    if (!value) throw malformed(`no ce-${name} header`);
    return value;
  };
  if (required('specversion') !== '1.0') throw malformed(`CloudEvents ${optional('specversion')}, not 1.0`);
  const type = required('type');
  const schema = SCHEMA.exec(required('dataschema'));
  if (schema?.[1] !== type)
    throw malformed(`dataschema ${optional('dataschema')} is not urn:event:${type}:<version>`);
  const id = required('id');
  const [traceparent, causationId, authid] = [
    optional('traceparent'),
    optional('causationid'),
    optional('authid'),
  ];
  return {
    id,
    type,
    version: Number(schema[2]),
    source: required('source'),
    key: optional('partitionkey') ?? '',
    time: optional('time') ?? '',
    data: parse(data),
    correlationId: optional('correlationid') ?? id,
    ...(traceparent !== undefined && { traceparent }),
    ...(causationId !== undefined && { causationId }),
    ...(authid !== undefined && { user: { id: authid, roles: rolesOf(optional('authclaims')) } }),
  };
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(toText.decode(data));
  } catch (cause) {
    throw malformed(`payload: ${(cause as Error).message}`);
  }
}

function rolesOf(claims = '{}'): string[] {
  try {
    const { roles } = JSON.parse(claims) as { roles?: unknown };
    return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
  } catch {
    throw malformed('ce-authclaims is not JSON');
  }
}

const PLAIN = /^[\x21\x23\x24\x26-\x7e]*$/;

function encode(value: string): string {
  if (PLAIN.test(value)) return value;
  return value.replace(/[^\x21\x23\x24\x26-\x7e]+/gu, (part) => encodeURIComponent(part));
}

function decode(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    throw malformed(`header value ${JSON.stringify(value)} is not percent-encoded`);
  }
}

function malformed(message: string): PermanentError {
  return new PermanentError('MALFORMED_EVENT', message);
}
