/** The shop's configuration: out of the environment once, checked, frozen, handed down. */
import { resolve } from 'node:path';
import {
  anyText,
  type Environment,
  integer,
  type Kind,
  milliseconds,
  read,
  secret,
  yesNo,
} from '../environment.ts';

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
  /** ms that one step of an order (reserve, authorize, capture, ship) may take before the order is given up. */
  readonly orderStepTimeout: number;
  /** Attempts at a mail before it is put aside. They wait 100 ms at first and 30 s at most. */
  readonly mailAttempts: number;
}

/**
 * An empty variable counts as none.
 *
 * @throws ConfigError for the first variable whose value is not what it takes.
 */
export function loadConfig(env: Environment = process.env): ShopConfig {
  const url = read(env, 'DATABASE_URL', postgresUrl);
  const folder = resolve(read(env, 'DATA_DIR', anyText) ?? '.data');
  // A well-known password is for a machine of one's own: with a database somebody set up, it must be asked for.
  const demoPassword = read(env, 'DEMO_PASSWORD', secret) ?? (url ? undefined : 'federation');
  return Object.freeze<ShopConfig>({
    database: url ? { kind: 'postgres', url } : { kind: 'sqlite', folder },
    token: {
      issuer: read(env, 'JWT_ISSUER', anyText) ?? 'accounts',
      audience: read(env, 'JWT_AUDIENCE', anyText) ?? 'shop',
      ttlSeconds: read(env, 'TOKEN_TTL', integer(1, 86_400, 'seconds')) ?? 900,
    },
    seed: read(env, 'SEED', yesNo) ?? true,
    // About 8 hours: a mail needs others (address, names of products), who may be away for long.
    mailAttempts: read(env, 'MAIL_ATTEMPTS', integer(1, 100_000, 'attempts')) ?? 1_000,
    orderStepTimeout: read(env, 'ORDER_STEP_TIMEOUT', milliseconds) ?? 15_000,
    ...(demoPassword && { demoPassword }),
  });
}

// A password may be in it: a refused one is not printed.
const postgresUrl: Kind<string> = {
  takes: 'postgres://user:password@host:port/database',
  secret: true,
  parse: (text) => (/^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '') ? text : undefined),
};
