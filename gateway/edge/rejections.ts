/** What moleculer-web could not route or run, answered in the one shape that every refusal has. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'moleculer';
import { EdgeError } from '../errors.ts';
import { sendError } from './respond.ts';

interface Alias {
  readonly method: string;
  match(path: string): unknown;
}

/** moleculer-web's `onError`. */
export function answerRejection(
  req: IncomingMessage,
  res: ServerResponse,
  error: unknown,
  aliases: readonly Alias[],
  logger: Logger,
): void {
  // moleculer-web rewrites `url` on its way.
  const url = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
  const path = url.split('?', 1)[0] ?? '/';
  const refusal = refusalOf(error, path, aliases);
  if (!refusal) logger.error({ path, err: error }, 'request failed');
  sendError(res, refusal ?? error);
}

/** Undefined when the fault is ours. moleculer-web says 404 to a wrong method too: the aliases tell which it was. */
function refusalOf(error: unknown, path: string, aliases: readonly Alias[]): EdgeError | undefined {
  if (error instanceof EdgeError) return error;
  const status = (error as { code?: unknown } | null)?.code;
  if (status === 404) {
    const methods = new Set(aliases.filter((alias) => alias.match(path)).map(({ method }) => method));
    if (methods.size === 0) return new EdgeError('NOT_FOUND', 'Nothing is served at this path.');
    return new EdgeError('METHOD_NOT_ALLOWED', 'The path does not take this method.', {
      allow: [...methods].join(', '),
    });
  }
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new EdgeError('BAD_REQUEST', 'The request is malformed.');
  return undefined;
}
