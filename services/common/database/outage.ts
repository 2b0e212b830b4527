/** What the actions of a service with a store answer while its database is away. */
import type { ServiceSchema } from 'moleculer';
import { shopError } from '../errors.ts';
import { isBusy } from './busy.ts';

/** SQLSTATE 08…: the connection. 57P0…: the server ends or is not up yet. 53300: it has no connection left. */
const STATES = /^(08...|57P0[1-3]|53300)$/;
/** Of the socket, before the server has said anything. */
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** pg's own, which have no code (`client.js`, pg-pool's `index.js`). */
const CLIENT =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Did the database not answer? Then the statement may have been done, or not; a statement that is refused is another matter. */
export function isOutage(error: unknown): boolean {
  if (isBusy(error)) return true;
  const { code, message } = (error ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof code === 'string') return STATES.test(code) || SOCKET.has(code);
  return typeof message === 'string' && CLIENT.test(message);
}

/** Actions fail with DATABASE_UNAVAILABLE during an outage: idempotent ones are tried again, and a client learns that it may. */
export const tellOutages: Partial<ServiceSchema> = {
  hooks: {
    error: {
      '*'(_ctx: unknown, error: Error) {
        throw isOutage(error) ? shopError('DATABASE_UNAVAILABLE') : error;
      },
    },
  },
};
