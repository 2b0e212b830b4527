/** Ports for the servers that this project starts. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Linux takes the source ports of outgoing connections from 32768 on. */
const BELOW_EPHEMERAL = [20_000, 32_000] as const;

const given = new Set<number>();

/**
 * A loopback port that is free, TCP and UDP, and given to nobody else in this process. No outgoing connection gets it
 * either, not even while its server is restarted: a client that dials it again and again might otherwise be given that
 * very port to dial from, and be connected to itself.
 */
export async function freePort(): Promise<number> {
  const [from, to] = BELOW_EPHEMERAL;
  for (;;) {
    const port = from + Math.floor(Math.random() * (to - from));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** Consul's gossip binds both under one number. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const socket = createSocket('udp4');
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
    socket.close();
    if (server.listening) await once(server, 'close');
  }
}
