/** The port that was asked for, checked before anything is started on it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { portInUse, UnavailableError } from './run.ts';

/** @throws UnavailableError when something else listens there: known before a whole mesh has been started for it. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new UnavailableError(portInUse({ address: host, port }));
    throw new UnavailableError(`HOST and PORT take an address of this machine: ${message}`);
  }
  server.close();
  await once(server, 'close');
}
