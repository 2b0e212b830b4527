import { connect, type Socket } from 'node:net';
import type { Due } from '../deadlines.ts';
import type { Waiter } from '../http-origin.ts';
import { WireError } from '../wire-error.ts';
import { AnswerReader, type WholeAnswer } from './answer-reader.ts';

/** Told of each change of one connection. */
export interface ConnectionOwner {
  /** It is connected, or has an answer behind it: it may be sent the next request. */
  ready(connection: Connection): void;
  /** It is of no more use. `error` is why it never came to be. */
  gone(connection: Connection, error: Error | undefined): void;
}

/** If the server does not say how long it keeps an idle connection: 5 s are usual, and to be the first to close is safe. */
const KEPT_IDLE_MS = 4_000;
/** By how much the server's own figure is undercut: a request must not meet a connection that is just being closed. */
const MARGIN_MS = 2_000;
const MOST_KEPT_IDLE_MS = 600_000;
const TCP_KEEP_ALIVE_MS = 60_000;

const READ_BYTES = 256 * 1_024;
/** One for all connections: what was read is taken out before anything else is read. But Windows reads ahead. */
const sharedReadBuffer = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(READ_BYTES);

/** A kept-alive connection with at most one request on its way: nothing is pipelined. */
export class Connection implements Due {
  /** When it is closed if nobody needs it until then. */
  due: number;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #limit: number;
  #waiter: Waiter | undefined;
  #reader: AnswerReader | undefined;
  #open = false;
  #over = false;

  /**
   * @param limit bytes of an answer's body.
   * @param connectTimeout in ms.
   */
  constructor(
    { host, port }: { readonly host: string; readonly port: number },
    limit: number,
    connectTimeout: number,
    owner: ConnectionOwner,
  ) {
    this.due = performance.now() + connectTimeout;
    this.#owner = owner;
    this.#limit = limit;
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      onread: {
        buffer: sharedReadBuffer ?? Buffer.allocUnsafeSlow(READ_BYTES / 4),
        callback: (size, buffer) => this.#onRead(buffer as Buffer, size),
      },
    });
    this.#socket.on('connect', () => {
      this.#open = true;
      this.due = performance.now() + KEPT_IDLE_MS;
      owner.ready(this);
    });
    // At once: by the time it is closed it could have been sent another request.
    this.#socket.on('error', (error) => this.end(error));
    this.#socket.on('end', () => this.#onEnd());
    this.#socket.on('close', () => this.end(undefined));
  }

  /** To be called when it is ready. */
  send(request: string | Buffer, waiter: Waiter): void {
    this.#waiter = waiter;
    this.#reader = new AnswerReader(this.#limit);
    if (typeof request === 'string') this.#socket.write(request, 'latin1');
    else this.#socket.write(request);
  }

  /** Nobody waits for its answer, or for itself, any more. Nobody is told. */
  destroy(): void {
    this.#over = true;
    this.#waiter = undefined;
    this.#socket.destroy();
  }

  expire(): void {
    this.end(this.#open ? undefined : new WireError('UNCONNECTED', 'connecting took too long'));
  }

  #onRead(buffer: Buffer, size: number): boolean {
    if (this.#over) return false;
    // Nobody asked: whatever it is, the next answer would be taken for another one's.
    if (!this.#waiter) this.end(undefined);
    else this.#take(() => this.#reader!.read(buffer.subarray(0, size)));
    return !this.#over;
  }

  #onEnd(): void {
    if (this.#over) return;
    if (this.#waiter) this.#take(() => this.#reader!.end());
    this.end(undefined);
  }

  #take(read: () => WholeAnswer | undefined): void {
    let answer: WholeAnswer | undefined;
    try {
      answer = read();
    } catch (error) {
      this.end(error as Error);
      return;
    }
    if (!answer) return;
    const waiter = this.#waiter!;
    this.#waiter = undefined;
    this.#reader = undefined;
    const keptMs = Math.min(MOST_KEPT_IDLE_MS, (answer.keepAliveMs ?? KEPT_IDLE_MS + MARGIN_MS) - MARGIN_MS);
    // An answer that came before its request was all sent leaves the rest of the request behind.
    if (answer.keepAlive && keptMs > 0 && this.#socket.writableLength === 0) {
      this.due = performance.now() + keptMs;
      this.#owner.ready(this);
    } else this.end(undefined);
    waiter.answered(answer.status, answer.text);
  }

  /** Closes it; who waits for an answer is told why. */
  end(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#socket.destroy();
    const why = error ?? new WireError('CLOSED', 'the connection was closed before the answer was whole');
    this.#owner.gone(this, this.#open ? undefined : why);
    waiter?.failed(why);
  }
}
