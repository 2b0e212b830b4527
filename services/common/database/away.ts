/** A database that is away for a moment: its server restarts, or another process holds the file. */
import type { ServiceSchema } from 'moleculer';
import { shopError } from '../errors.ts';

/**
 * Whether `error` says so, and not that the query is wrong. Of a query that was under way nobody knows whether it was done.
 */
export function isAway(error: object): boolean {
  const { code, errcode, message = '' } = error as { code?: unknown; errcode?: unknown; message?: string };
  // SQLITE_BUSY and its extended codes.
  if (typeof errcode === 'number' && (errcode & 0xff) === 5) return true;
  if (typeof code === 'string' && (network.has(code) || /^(08|57P0[123]|53300)/.test(code))) return true;
  // pg's own errors about its connections have no code.
  return /^Connection terminated|^timeout exceeded when trying to connect|is not queryable$/.test(message);
}

const network: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/**
 * For mixins that open a store: what its actions fail with while the database is away reaches the caller as
 * STORE_UNAVAILABLE, so that a reader is repeated, a fulfilment goes on later, and a client knows that it may ask again.
 */
export const storeErrors: Pick<ServiceSchema, 'hooks'> = {
  hooks: {
    error: {
      '*': (_ctx, error: Error) => {
        throw isAway(error) ? Object.assign(shopError('STORE_UNAVAILABLE'), { cause: error }) : error;
      },
    },
  },
};
