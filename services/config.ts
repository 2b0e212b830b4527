/** The shop's configuration: out of the environment once, checked, frozen, handed down. */
import { resolve } from 'node:path';
import { bool, cleanEnv, makeValidator, str } from 'envalid';

/** Its message is one line that names the variable and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface ShopConfig {
  /** SQLite keeps one file per service in `folder`; PostgreSQL one schema per service in the database at `url`. */
  readonly database:
    | { readonly kind: 'sqlite'; readonly folder: string }
    | { readonly kind: 'postgres'; readonly url: string };
  readonly token: { readonly issuer: string; readonly audience: string; readonly ttlSeconds: number };
  /** Fill empty stores with the demonstration's products, users, reviews and orders. */
  readonly seed: boolean;
  /** Password of the seeded users; without one nobody can log in as any of them. */
  readonly demoPassword?: string;
}

const postgresUrl = makeValidator<string>((text) => {
  if (!/^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '')) throw new TypeError('not a PostgreSQL URL');
  return text;
});
const seconds = makeValidator<number>((text) => {
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 86_400) throw new TypeError('out of range');
  return Number(text);
});
const takes = {
  DATA_DIR: 'a folder, made when missing',
  DATABASE_URL: 'postgres://user:password@host:port/database',
  JWT_ISSUER: 'a name or URL',
  JWT_AUDIENCE: 'a name',
  TOKEN_TTL: 'seconds, 1 to 86400',
  SEED: 'true or false',
  DEMO_PASSWORD: 'a password of the seeded users',
} as const;

/**
 * An empty variable counts as none.
 *
 * @throws ConfigError for the first variable whose value is not what it takes.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): ShopConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const env = cleanEnv(
    given,
    {
      DATA_DIR: str({ default: '.data' }),
      DATABASE_URL: postgresUrl({ default: undefined }),
      JWT_ISSUER: str({ default: 'accounts' }),
      JWT_AUDIENCE: str({ default: 'shop' }),
      TOKEN_TTL: seconds({ default: 900 }),
      SEED: bool({ default: true }),
      DEMO_PASSWORD: str({ default: undefined }),
    },
    {
      reporter({ errors }) {
        const [name] = Object.keys(errors) as (keyof typeof takes)[];
        if (name) throw new ConfigError(`${name} takes ${takes[name]}`);
      },
    },
  );
  // A well-known password is for a machine of one's own: with a database somebody set up, it must be asked for.
  const demoPassword = env.DEMO_PASSWORD ?? (env.DATABASE_URL ? undefined : 'federation');
  return Object.freeze<ShopConfig>({
    database: env.DATABASE_URL
      ? { kind: 'postgres', url: env.DATABASE_URL }
      : { kind: 'sqlite', folder: resolve(env.DATA_DIR) },
    token: { issuer: env.JWT_ISSUER, audience: env.JWT_AUDIENCE, ttlSeconds: env.TOKEN_TTL },
    seed: env.SEED,
    ...(demoPassword && { demoPassword }),
  });
}
