/**
 * `GET /mailbox`: the mails that the shop has sent, as pages made by the action `notifications.page`. This edge brings the
 * caller's identity in and strict headers out; who may read what is the action's to decide.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Errors, type ServiceBroker } from 'moleculer';
import { EdgeError } from '../errors.ts';
import type { Authenticator } from './auth.ts';
import { HTML_TYPE } from './query-pages.ts';
import { errorBody, JSON_TYPE, send } from './respond.ts';

/** Mails hold what users write. It is escaped; should that ever fail, nothing on the page may run, load or send. */
const MAILBOX_CSP = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ACTION = 'notifications.page';
const TIMEOUT_MS = 5_000;

export function createMailbox(
  broker: ServiceBroker,
  authenticator: Authenticator,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const user = await authenticator.identify(req.headers.authorization);
    // moleculer-web rewrites `url` on its way.
    const url = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
    const { id, after } = Object.fromEntries(new URL(url, 'http://gateway').searchParams);
    const params = { ...(id !== undefined && { id }), ...(after !== undefined && { after }) };
    let html: string;
    try {
      html = await broker.call<string, object>(ACTION, params, {
        meta: { ...(user && { user: { id: user.id, roles: [...user.roles] } }) },
        timeout: TIMEOUT_MS,
      });
    } catch (error) {
      return refuse(res, error);
    }
    send(res, 200, HTML_TYPE, html, { 'content-security-policy': MAILBOX_CSP });
  };
}

/** What the action refuses is told with its own code and status; anything else is not the client's to know. */
function refuse(res: ServerResponse, error: unknown): void {
  if (error instanceof Errors.ServiceNotFoundError || error instanceof Errors.ServiceNotAvailableError)
    throw new EdgeError('NOT_FOUND', 'There is no mailbox here now.');
  if (error instanceof Errors.ValidationError)
    throw new EdgeError('BAD_REQUEST', 'A parameter is malformed.');
  const { code: status, type, message } = error as Partial<Errors.MoleculerError>;
  if (typeof status !== 'number' || status < 400 || status >= 500 || !type) throw error;
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer realm="mailbox"' } : {};
  send(res, status, JSON_TYPE, errorBody(type, message ?? ''), challenge);
}
