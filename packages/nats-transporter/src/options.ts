import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type Authenticator, type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from 'nats';
import { NatsConfigurationError } from './errors.ts';

/**
 * Everything the `nats` client takes (`servers`, `user`, `pass`, `token`, `tls`, `pingInterval` …) and these.
 * Defaults differ from the client's where a mesh needs it: see `connectionOptions`.
 */
export interface NatsTransporterOptions extends ConnectionOptions {
  /**
   * `nats://`, `tls://` or `nats+tls://`, several separated by commas. `user:password@` is percent-decoded; a name
   * alone is a token, as everywhere in NATS. Credentials are given once, for all servers.
   */
  readonly url?: string;
  /** Seed of an NKey, `SU…`. */
  readonly nkey?: string;
  /** Path of a `.creds` file (JWT and seed). Read again at each connect, so that it can be rotated. */
  readonly credsFile?: string;
}

const SCHEMES = new Set(['nats:', 'tls:', 'nats+tls:']);

interface Parsed {
  readonly servers: readonly string[];
  readonly tls: boolean;
  readonly credentials: Pick<ConnectionOptions, 'user' | 'pass' | 'token'>;
}

/** @throws NatsConfigurationError that never repeats the password. */
export function parseUrl(text: string): Parsed {
  const servers: string[] = [];
  let tls = false;
  let credentials: Parsed['credentials'] = {};
  for (const part of text.split(',').map((p) => p.trim())) {
    const shown = part.replace(/\/\/.*@/, '//…@');
    if (!URL.canParse(part)) throw new NatsConfigurationError(`'${shown}' is not a NATS URL.`);
    const url = new URL(part);
    if (!SCHEMES.has(url.protocol) || !url.hostname) {
      throw new NatsConfigurationError(
        `'${shown}': a NATS URL is nats://host, tls://host or nats+tls://host.`,
      );
    }
    servers.push(url.host);
    if (url.protocol !== 'nats:') tls = true;
    if (!url.username) continue;
    const [user, pass] = [decode(url.username), decode(url.password)];
    const found = url.password ? { user, pass } : { token: user };
    if (servers.length > 1 && JSON.stringify(found) !== JSON.stringify(credentials)) {
      throw new NatsConfigurationError('The NATS URLs carry different credentials; a node has one identity.');
    }
    credentials = found;
  }
  return { servers, tls, credentials };
}

/** A stray `%` is taken as it stands: a password is more likely to hold one than to be badly encoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What the client is given. Differences from its own defaults, and why:
 * reconnect for ever, quickly at first (a server restart costs about its own length); a refused login does not end the
 * reconnecting (credentials come back); a ping each 10 s instead of 120 (a silent partition is noticed within 30 s).
 *
 * @throws NatsConfigurationError for a bad URL, seed or credentials file.
 */
export function connectionOptions(options: NatsTransporterOptions, nodeID: string): ConnectionOptions {
  const { url, nkey, credsFile, ...own } = options;
  const parsed = url === undefined ? undefined : parseUrl(url);
  const result: ConnectionOptions = {
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    reconnectTimeWait: 250,
    ...parsed?.credentials,
    ...own,
    name: nodeID,
  };
  if (parsed) result.servers = [...parsed.servers];
  if (parsed?.tls && !result.tls) result.tls = {};
  if (parsed && result.tls) result.tls = { ...result.tls, ...addressToVerify(parsed.servers) };
  const authenticators = [own.authenticator ?? []].flat();
  if (nkey !== undefined) authenticators.push(fromSeed(nkey));
  if (credsFile !== undefined) authenticators.push(fromCredsFile(credsFile));
  if (authenticators.length) result.authenticator = authenticators;
  return result;
}

/** The client leaves the server name empty for an IP address, and Node would then check the certificate for 'localhost'. */
function addressToVerify(servers: readonly string[]): { readonly host?: string } {
  const [host, ...others] = servers.map((s) => new URL(`nats://${s}`).hostname.replace(/^\[|\]$/g, ''));
  return host && isIP(host) && others.every((other) => other === host) ? { host } : {};
}

function fromSeed(seed: string): Authenticator {
  const authenticate = nkeyAuthenticator(new TextEncoder().encode(seed.trim()));
  try {
    authenticate('probe');
  } catch (cause) {
    throw new NatsConfigurationError('The NKey seed is not valid (expected SU…).', cause);
  }
  return authenticate;
}

function fromCredsFile(path: string): Authenticator {
  let content: Uint8Array;
  const authenticate = credsAuthenticator(() => content);
  try {
    content = readFileSync(path);
    authenticate('probe');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NatsConfigurationError(`The credentials file '${path}' cannot be used: ${why}`, cause);
  }
  return (nonce) => {
    try {
      content = readFileSync(path);
    } catch {
      // In the middle of a rotation: an authenticator that throws would close the client for good.
    }
    return authenticate(nonce);
  };
}
