/** The listening socket: starts, guards against slow clients, and stops without hanging or cutting anyone off. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type EdgeErrorCode, edgeErrors } from '../errors.ts';
import { errorBody, JSON_TYPE } from './respond.ts';

/** One line is all a person needs to mend it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface HttpServer {
  /**
   * @returns where it listens, with the real port when 0 was asked for.
   * @throws ListenError when the port is taken or may not be opened.
   */
  listen(port: number, host: string): Promise<{ readonly port: number; readonly url: string }>;
  /**
   * Stops listening, drops idle connections, lets requests in flight finish for `graceMs`, then cuts what is left (an
   * open stream must not keep a process alive). Safe to call at any time.
   */
  close(graceMs: number): Promise<void>;
}

/** Against clients that send a byte now and then to hold connections (Slowloris); milliseconds. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
/** Longer than load balancers keep idle connections, so that they close first and never meet a reset. */
const KEEP_ALIVE_TIMEOUT = 75_000;

export function createHttpServer(handler: (req: IncomingMessage, res: ServerResponse) => void): HttpServer {
  let closing = false;
  // Node's closeIdleConnections() takes a connection that never sent a byte for a busy one.
  const requestsOn = new Map<Socket, number>();
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16_384,
    },
    (req, res) => {
      if (closing) res.setHeader('connection', 'close');
      const { socket } = req;
      requestsOn.set(socket, (requestsOn.get(socket) ?? 0) + 1);
      res.once('close', () => {
        const left = (requestsOn.get(socket) ?? 1) - 1;
        if (!socket.destroyed) requestsOn.set(socket, left);
        if (closing && left === 0) socket.destroySoon();
      });
      handler(req, res);
    },
  );
  server.on('clientError', refuseUnreadable);
  server.on('connection', (socket) => {
    requestsOn.set(socket, 0);
    socket.once('close', () => requestsOn.delete(socket));
  });

  return {
    async listen(port, host) {
      server.listen(port, host);
      try {
        await once(server, 'listening');
      } catch (cause) {
        throw new ListenError(explain(cause as NodeJS.ErrnoException, port, host), { cause });
      }
      const address = server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      return { port: address.port, url: `http://${name}:${address.port}` };
    },
    async close(graceMs) {
      closing = true;
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const [socket, requests] of requestsOn) if (requests === 0) socket.destroy();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function explain(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === 'EADDRINUSE')
    return `PORT=${port}: the port is in use on ${host}; choose another, or 0 for any`;
  if (error.code === 'EACCES') return `PORT=${port}: this user may not open the port; choose one above 1023`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `HOST=${host}: not an address of this machine`;
  return `PORT=${port} HOST=${host}: cannot listen (${error.code ?? error.message})`;
}

/** What Node's parser gave up on, before there is a request: no handler will ever see it. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Half an answer may be on the wire already; more bytes would corrupt it.
  const begun = (socket as { bytesWritten?: number }).bytesWritten;
  if (!socket.writable || begun || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [code, message]: [EdgeErrorCode, string] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['HEADERS_TOO_LARGE', 'The request headers are too large.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['REQUEST_NOT_RECEIVED', 'The request took too long to arrive.']
        : ['BAD_REQUEST', 'The request is not HTTP/1.1.'];
  const body = errorBody(code, message);
  socket.end(
    `HTTP/1.1 ${edgeErrors[code].status} Refused\r\nconnection: close\r\ncontent-type: ${JSON_TYPE}\r\n` +
      `x-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
