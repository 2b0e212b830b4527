/** Stands between one node and its agent: counts the requests, holds them up, cuts the node off. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ConsulProxy extends AsyncDisposable {
  readonly address: string;
  /** Requests so far with this method and this beginning of the path. */
  count(method: string, path: string): number;
  /** Awaited before each request goes on, as `METHOD /path`. */
  gate: (line: string) => Promise<void> | void;
  /** Ends all connections; refuses new ones from now on. */
  cut(): void;
}

export async function startConsulProxy(port: number): Promise<ConsulProxy> {
  const seen: string[] = [];
  let closed = false;
  const server = createServer(async (incoming, answer) => {
    const line = `${incoming.method} ${incoming.url}`;
    seen.push(line);
    await proxy.gate(line);
    if (closed) return void answer.destroy();
    const onward = request(
      { host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    onward.once('error', () => answer.destroy());
    answer.once('close', () => onward.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: ConsulProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    gate: () => undefined,
    count: (method, path) => seen.filter((line) => line.startsWith(`${method} ${path}`)).length,
    cut() {
      closed = true;
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
