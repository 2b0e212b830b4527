/** The gateway's configuration: environment in, one frozen object out. The only `process.env` in gateway/. */
import { bool, cleanEnv, EnvError, makeValidator, str } from 'envalid';

export interface GatewayConfig {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. Loopback unless said otherwise: the API is not the network's by accident. */
  readonly host: string;
  /** JSON file of plain HTTP subgraphs `[{"name", "url", "sdl"?}]`, added to those found in the registry. */
  readonly subgraphsFile: string | undefined;
  /** Milliseconds one operation may take, from its body being read to its answer. */
  readonly requestTimeout: number;
  /** Bytes of a request body. */
  readonly bodyLimit: number;
  readonly limits: {
    /** Lexical tokens of a document. */
    readonly tokens: number;
    /** Nesting of fields, fragments expanded. */
    readonly depth: number;
    /** Aliased fields, fragments expanded. */
    readonly aliases: number;
    /** Fields selected, fragments expanded. */
    readonly selections: number;
  };
  /** Identical queries under way to a subgraph, for the same caller, share one fetch. */
  readonly subgraphDedup: boolean;
  /** Also decides whether /supergraph shows its SDL. */
  readonly introspection: boolean;
  /** Serves GraphiQL and GraphQL Playground. */
  readonly playground: boolean;
  readonly jwt: {
    /** `iss` a token must carry. */
    readonly issuer: string;
    /** `aud` a token must carry. */
    readonly audience: string;
    /** Where the key set is read; by default from the action `accounts.jwks`. */
    readonly jwksUrl: string | undefined;
  };
  /** Origins whose pages may use the API; `['*']` is any, none is the default. */
  readonly corsOrigins: readonly string[];
  /** Folder for the last good supergraph. */
  readonly dataDir: string;
}

/** A variable with a value it does not take. The message is one line that names it and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const integer = (min: number, max: number, unit: string) =>
  makeValidator<number>((text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new EnvError(`takes an integer from ${min} to ${max}${unit}`);
    return value;
  });

const host = makeValidator<string>((text) => {
  if (/^[a-zA-Z0-9.:-]+$/.test(text)) return text;
  throw new EnvError('takes an address or host name to listen on, such as 127.0.0.1 or 0.0.0.0');
});

const httpUrl = makeValidator<string>((text) => {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new EnvError('takes an http:// or https:// URL');
});

const origins = makeValidator<string>((text) => {
  const bad = text.split(',').find((item) => item.trim() !== '*' && URL.parse(item)?.origin !== item.trim());
  if (bad === undefined) return text;
  throw new EnvError('takes origins such as https://shop.example, separated by commas, or *');
});

const yesNo = makeValidator<boolean>((text) => {
  try {
    return bool()._parse(text);
  } catch {
    throw new EnvError('takes true or false');
  }
});

const onOff = makeValidator<boolean>((text) => {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new EnvError('takes on or off');
});

/**
 * Reads the configuration; an empty variable counts as unset. Every variable has a default.
 *
 * @throws ConfigError for the first variable that has a value it does not take.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): GatewayConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const read = cleanEnv(
    given,
    {
      PORT: integer(0, 65_535, '')({ default: 4000 }),
      HOST: host({ default: '127.0.0.1' }),
      SUBGRAPHS_FILE: str({ default: undefined }),
      REQUEST_TIMEOUT: integer(100, 600_000, ' milliseconds')({ default: 10_000 }),
      BODY_LIMIT: integer(1_024, 67_108_864, ' bytes')({ default: 262_144 }),
      MAX_TOKENS: integer(10, 1_000_000, ' tokens')({ default: 4_000 }),
      MAX_DEPTH: integer(1, 1_000, ' levels')({ default: 20 }),
      MAX_ALIASES: integer(0, 100_000, ' aliases')({ default: 100 }),
      MAX_SELECTIONS: integer(1, 1_000_000, ' selections')({ default: 5_000 }),
      SUBGRAPH_DEDUP: onOff({ default: true }),
      INTROSPECTION: yesNo({ default: true }),
      PLAYGROUND: yesNo({ default: true }),
      JWT_ISSUER: str({ default: 'accounts' }),
      JWT_AUDIENCE: str({ default: 'shop' }),
      JWKS_URL: httpUrl({ default: undefined }),
      CORS_ORIGINS: origins({ default: undefined }),
      DATA_DIR: str({ default: '.data' }),
    },
    {
      reporter({ errors }) {
        const [name, error] = Object.entries(errors)[0] ?? [];
        if (name) throw new ConfigError(`${name}=${given[name] ?? ''}: ${name} ${error?.message}`);
      },
    },
  );
  return Object.freeze({
    port: read.PORT,
    host: read.HOST,
    subgraphsFile: read.SUBGRAPHS_FILE,
    requestTimeout: read.REQUEST_TIMEOUT,
    bodyLimit: read.BODY_LIMIT,
    limits: Object.freeze({
      tokens: read.MAX_TOKENS,
      depth: read.MAX_DEPTH,
      aliases: read.MAX_ALIASES,
      selections: read.MAX_SELECTIONS,
    }),
    subgraphDedup: read.SUBGRAPH_DEDUP,
    introspection: read.INTROSPECTION,
    playground: read.PLAYGROUND,
    jwt: Object.freeze({ issuer: read.JWT_ISSUER, audience: read.JWT_AUDIENCE, jwksUrl: read.JWKS_URL }),
    corsOrigins: Object.freeze(
      (read.CORS_ORIGINS ?? '')
        .split(',')
        .map((o) => o.trim())
        .filter(Boolean),
    ),
    dataDir: read.DATA_DIR,
  });
}
