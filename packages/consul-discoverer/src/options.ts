/** What a user may say about the discoverer, checked once and frozen. */
import { readFileSync } from 'node:fs';
import Moleculer from 'moleculer';

export interface ConsulDiscovererOptions {
  /** The agent on this host: `host:port` or `http(s)://host:port`. Default `127.0.0.1:8500`. */
  readonly address?: string;
  /** ACL token; the README has the policy it needs. */
  readonly token?: string;
  /** PEM text or the path of a PEM file. Given any, `host:port` means HTTPS. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Datacenter of the catalogue and of the KV store; the agent's own by default. */
  readonly datacenter?: string;
  /** Nodes of one namespace form one mesh. Default: the broker's namespace. */
  readonly namespace?: string;
  /** Seconds without a beat after which Consul calls a node critical. The same on every node. Default 15. */
  readonly ttl?: number;
  /** Seconds between two beats, at most half the TTL so that one lost beat is harmless. Default 5. */
  readonly beat?: number;
  /** Address of the catalogue entries. Default: the agent's when that is on this host, else the node's first address. */
  readonly advertiseAddress?: string;
}

export interface Settings {
  readonly agent: URL;
  readonly token: string | undefined;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly datacenter: string | undefined;
  readonly namespace: string | undefined;
  readonly ttlMs: number;
  readonly beatMs: number;
  readonly advertiseAddress: string | undefined;
}

/** @throws BrokerOptionsError that names the option and what it takes. */
export function readOptions(options: ConsulDiscovererOptions): Settings {
  const tls = {
    ...pem('ca', options.tls?.ca),
    ...pem('cert', options.tls?.cert),
    ...pem('key', options.tls?.key),
  };
  const ttlMs = milliseconds('ttl', options.ttl ?? 15);
  const beatMs = milliseconds('beat', options.beat ?? 5);
  if (beatMs * 2 > ttlMs) {
    throw refused('beat', `at most half the ttl (${ttlMs / 1000} s), or one late beat ends the node`);
  }
  return Object.freeze({
    agent: agentUrl(options.address ?? '127.0.0.1:8500', Object.keys(tls).length > 0),
    token: options.token || undefined,
    tls,
    datacenter: options.datacenter || undefined,
    namespace: options.namespace,
    ttlMs,
    beatMs,
    advertiseAddress: options.advertiseAddress || undefined,
  });
}

function agentUrl(address: string, secure: boolean): URL {
  const text = address.includes('://') ? address : `${secure ? 'https' : 'http'}://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || !/^https?:$/.test(url.protocol)) {
    throw refused('address', `host:port or http(s)://host:port, not "${address}"`);
  }
  return url;
}

function milliseconds(name: string, seconds: number): number {
  if (!Number.isFinite(seconds) || seconds <= 0) throw refused(name, 'a number of seconds above 0');
  return Math.round(seconds * 1000);
}

function pem<Name extends string>(name: Name, value: string | undefined): { [key in Name]?: string } {
  if (!value) return {};
  if (value.includes('-----BEGIN')) return { [name]: value } as { [key in Name]?: string };
  try {
    return { [name]: readFileSync(value, 'utf8') } as { [key in Name]?: string };
  } catch (cause) {
    throw refused(`tls.${name}`, `PEM text or a readable file, not "${value}" (${String(cause)})`);
  }
}

function refused(name: string, takes: string): Error {
  return new Moleculer.Errors.BrokerOptionsError(`Consul discoverer: option "${name}" takes ${takes}.`, {
    option: name,
  });
}
