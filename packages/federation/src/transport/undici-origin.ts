import { type Dispatcher, errors, Pool } from 'undici';
import type { HttpOrigin, OriginLimits, Posted, PostRequest, Waiter } from './http-origin.ts';
import { WireError } from './wire-error.ts';

/** One server over TLS: undici's pool, by callbacks; its streams would cost more than the request. */
export class UndiciOrigin implements HttpOrigin {
  readonly #pool: Pool;

  constructor(url: URL, { connections, maxResponseBytes, connectTimeout }: OriginLimits) {
    this.#pool = new Pool(url.origin, { connections, maxResponseSize: maxResponseBytes, connectTimeout });
  }

  post({ path, headers, body }: PostRequest, waiter: Waiter): Posted {
    let controller: Dispatcher.DispatchController | undefined;
    let statusCode = 0;
    let givenUp = false;
    const chunks: Buffer[] = [];
    this.#pool.dispatch(
      { path, method: 'POST', headers: headers as string[], body },
      {
        onRequestStart(started) {
          controller = started;
          // It waited for a connection longer than anybody waited for its answer.
          if (givenUp) started.abort(new Error('given up before it was sent'));
        },
        onResponseStart: (_, status) => {
          // 1xx answers may come before the one that counts.
          statusCode = status;
        },
        onResponseData: (_, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd() {
          if (!givenUp) waiter.answered(statusCode, textOf(chunks));
        },
        onResponseError(_, error) {
          if (!givenUp) waiter.failed(toWireError(error));
        },
      },
    );
    return {
      giveUp() {
        givenUp = true;
        controller?.abort(new Error('given up'));
      },
    };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

function toWireError(error: Error): Error {
  if (error instanceof errors.ResponseExceededMaxSizeError)
    return new WireError('TOO_LARGE', error.message, error);
  if (error instanceof errors.SocketError) return new WireError('CLOSED', error.message, error);
  return error;
}

function textOf(chunks: readonly Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
