import type { Deadlines } from '../deadlines.ts';
import type { HttpOrigin, OriginLimits, PostRequest, Waiter } from '../http-origin.ts';
import { WireError } from '../wire-error.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { requestText } from './request-text.ts';

/** The kept-alive connections to one server, over plain HTTP/1.1. */
export class Http1Origin implements HttpOrigin, ConnectionOwner {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #hostHeader: string;
  readonly #limits: OriginLimits;
  readonly #deadlines: Deadlines;
  readonly #all = new Set<Connection>();
  readonly #connecting = new Set<Connection>();
  /** The last one used comes first again: those that are not needed grow old. */
  readonly #idle: Connection[] = [];
  /** In the order in which they came. */
  readonly #inLine = new Set<Posted>();
  #closed = false;

  constructor(url: URL, limits: OriginLimits, deadlines: Deadlines) {
    this.#address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
    this.#hostHeader = url.host;
    this.#limits = limits;
    this.#deadlines = deadlines;
  }

  post(request: PostRequest, waiter: Waiter): { giveUp(): void } {
    if (this.#closed) throw new WireError('CLOSED', 'the transport is closed');
    const posted = new Posted(requestText(this.#hostHeader, request), waiter, this.#drop);
    const idle = this.#idle.pop();
    if (idle) this.#send(idle, posted);
    else {
      this.#inLine.add(posted);
      this.#connect();
    }
    return posted;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const error = new WireError('CLOSED', 'the transport was closed');
    const inLine = [...this.#inLine];
    this.#inLine.clear();
    for (const connection of this.#all) connection.end(error);
    for (const posted of inLine) posted.failed(error);
  }

  ready(connection: Connection): void {
    this.#connecting.delete(connection);
    this.#deadlines.remove(connection);
    const [next] = this.#inLine;
    if (next) {
      this.#inLine.delete(next);
      this.#send(connection, next);
    } else {
      this.#idle.push(connection);
      this.#deadlines.add(connection);
    }
  }

  gone(connection: Connection, neverWas: Error | undefined): void {
    this.#forget(connection);
    const [next] = this.#inLine;
    if (neverWas && next) {
      this.#inLine.delete(next);
      next.failed(neverWas);
    }
    this.#connect();
  }

  #send(connection: Connection, posted: Posted): void {
    this.#deadlines.remove(connection);
    posted.connection = connection;
    connection.send(posted.text, posted);
  }

  /** Opens what is missing for those in line. */
  #connect(): void {
    const { connections, maxResponseBytes, connectTimeout } = this.#limits;
    while (this.#connecting.size < this.#inLine.size && this.#all.size < connections) {
      const connection = new Connection(this.#address, maxResponseBytes, connectTimeout, this);
      this.#all.add(connection);
      this.#connecting.add(connection);
      this.#deadlines.add(connection);
    }
  }

  readonly #drop = (posted: Posted): void => {
    this.#inLine.delete(posted);
    const { connection } = posted;
    if (!connection) return;
    connection.destroy();
    this.#forget(connection);
    this.#connect();
  };

  #forget(connection: Connection): void {
    this.#deadlines.remove(connection);
    this.#all.delete(connection);
    this.#connecting.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}

/** A request in line, then on a connection, then nowhere. */
class Posted implements Waiter {
  readonly text: string | Buffer;
  connection: Connection | undefined;
  #waiter: Waiter | undefined;
  readonly #drop: (posted: Posted) => void;

  constructor(text: string | Buffer, waiter: Waiter, drop: (posted: Posted) => void) {
    this.text = text;
    this.#waiter = waiter;
    this.#drop = drop;
  }

  answered(status: number, text: string): void {
    this.#end()?.answered(status, text);
  }

  failed(error: Error): void {
    this.#end()?.failed(error);
  }

  giveUp(): void {
    if (!this.#waiter) return;
    this.#waiter = undefined;
    this.#drop(this);
  }

  #end(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.connection = undefined;
    return waiter;
  }
}
