/** The gateway's configuration: environment in, one frozen object out. The only `process.env` in gateway/. */
import { anyText, type Environment, integer, type Kind, read, yesNo } from '../environment.ts';

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

/**
 * Reads the configuration; an empty variable counts as unset. Every variable has a default.
 *
 * @throws ConfigError for the first variable that has a value it does not take.
 */
export function loadConfig(env: Environment = process.env): GatewayConfig {
  return Object.freeze({
    port: read(env, 'PORT', integer(0, 65_535)) ?? 4_000,
    host: read(env, 'HOST', host) ?? '127.0.0.1',
    subgraphsFile: read(env, 'SUBGRAPHS_FILE', anyText),
    requestTimeout: read(env, 'REQUEST_TIMEOUT', integer(100, 600_000, 'milliseconds')) ?? 10_000,
    bodyLimit: read(env, 'BODY_LIMIT', integer(1_024, 67_108_864, 'bytes')) ?? 262_144,
    limits: Object.freeze({
      tokens: read(env, 'MAX_TOKENS', integer(10, 1_000_000, 'tokens')) ?? 4_000,
      depth: read(env, 'MAX_DEPTH', integer(1, 1_000, 'levels')) ?? 20,
      aliases: read(env, 'MAX_ALIASES', integer(0, 100_000, 'aliases')) ?? 100,
      selections: read(env, 'MAX_SELECTIONS', integer(1, 1_000_000, 'selections')) ?? 5_000,
    }),
    subgraphDedup: read(env, 'SUBGRAPH_DEDUP', onOff) ?? true,
    introspection: read(env, 'INTROSPECTION', yesNo) ?? true,
    playground: read(env, 'PLAYGROUND', yesNo) ?? true,
    jwt: Object.freeze({
      issuer: read(env, 'JWT_ISSUER', anyText) ?? 'accounts',
      audience: read(env, 'JWT_AUDIENCE', anyText) ?? 'shop',
      jwksUrl: read(env, 'JWKS_URL', httpUrl),
    }),
    corsOrigins: Object.freeze(read(env, 'CORS_ORIGINS', origins) ?? []),
    dataDir: read(env, 'DATA_DIR', anyText) ?? '.data',
  });
}

const host: Kind<string> = {
  takes: 'an address or host name to listen on, such as 127.0.0.1 or 0.0.0.0',
  parse: (text) => (/^[a-zA-Z0-9.:-]+$/.test(text) ? text : undefined),
};

const onOff: Kind<boolean> = {
  takes: 'on or off',
  parse: (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
};

const httpUrl: Kind<string> = {
  takes: 'an http:// or https:// URL',
  parse: (text) => (/^https?:$/.test(URL.parse(text)?.protocol ?? '') ? text : undefined),
};

const origins: Kind<readonly string[]> = {
  takes: 'origins such as https://shop.example, separated by commas, or *',
  parse(text) {
    const items = text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    return items.every((item) => item === '*' || URL.parse(item)?.origin === item) ? items : undefined;
  },
};
