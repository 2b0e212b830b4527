/** Stands between one node and its server: keeps that node off while others are on, for as long as a test needs. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay extends AsyncDisposable {
  /** For the node that is to be kept off. */
  readonly url: string;
  /** Ends its connection, and each new one at once. */
  cut(): void;
  restore(): void;
}

/** @param port where the server is, or will be. */
export async function startRelay(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let open = true;
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (!open) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      open = false;
      end();
    },
    restore() {
      open = true;
    },
    async [Symbol.asyncDispose]() {
      end();
      server.close();
      await once(server, 'close');
    },
  };
}
