/** A node's INFO as it lies in Consul's KV store: JSON, gzipped (every language can read that), with its hash. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ConsulError } from './errors.ts';

/** Consul's `kv_max_value_size` unless an operator raised it. */
export const KV_VALUE_LIMIT = 512 * 1024;

/** Decompressed size above which a value is no INFO; stops a gzip bomb in a shared KV store. */
const INFO_LIMIT = 64 * 1024 * 1024;

/** One of the Moleculer services in an INFO, as far as it is read here. */
export interface ServiceInfo {
  readonly name: string;
  readonly fullName?: string;
  readonly version?: string | number | null;
  readonly metadata?: unknown;
}

/** The INFO packet of Moleculer's protocol 5. */
export interface NodeInfo {
  readonly ver: string;
  readonly sender: string;
  readonly instanceID: string;
  readonly seq: number;
  readonly ipList?: readonly string[] | null;
  readonly services: readonly ServiceInfo[];
  readonly [field: string]: unknown;
}

export interface EncodedInfo {
  readonly value: Buffer;
  /** First 16 hex digits of the SHA-256 of the JSON. */
  readonly hash: string;
}

/** @throws ConsulError `too-large`, naming the size, the limit and the services that take most. */
export function encodeInfo(info: NodeInfo): EncodedInfo {
  const json = JSON.stringify(info);
  const value = gzipSync(json);
  if (value.length > KV_VALUE_LIMIT) {
    throw new ConsulError(
      'too-large',
      `the INFO of node "${info.sender}" takes ${kib(value.length)} compressed, Consul's KV store holds ${kib(KV_VALUE_LIMIT)}: ` +
        `keep large things out of settings, metadata and action schemas. Largest: ${largest(info)}`,
    );
  }
  return { value, hash: hashOf(json) };
}

/** @throws when the value is no INFO: not gzip, no JSON, or without sender, instanceID, seq and services. */
export function decodeInfo(value: Buffer): { readonly info: NodeInfo; readonly hash: string } {
  const json = gunzipSync(value, { maxOutputLength: INFO_LIMIT }).toString();
  const info = JSON.parse(json) as Partial<NodeInfo> | null;
  if (
    typeof info?.sender !== 'string' ||
    typeof info.instanceID !== 'string' ||
    typeof info.seq !== 'number' ||
    !Array.isArray(info.services)
  ) {
    throw new TypeError('not an INFO: sender, instanceID, seq or services is missing');
  }
  return { info: info as NodeInfo, hash: hashOf(json) };
}

const hashOf = (json: string): string => createHash('sha256').update(json).digest('hex').slice(0, 16);

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;

function largest(info: NodeInfo): string {
  return info.services
    .map((service) => ({
      name: service.fullName ?? service.name,
      size: gzipSync(JSON.stringify(service)).length,
    }))
    .sort((a, b) => b.size - a.size)
    .slice(0, 3)
    .map(({ name, size }) => `${name} ${kib(size)}`)
    .join(', ');
}
