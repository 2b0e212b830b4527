/** Start and stop: nothing hangs, nobody in flight is cut off, a taken port is one line. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { freePort } from '../scripts/infra/free-port.ts';
import { startGateway } from './testing/start-gateway.ts';
import { createStubEngine } from './testing/stub-engine.ts';

const portOf = (url: string): number => Number(new URL(url).port);

async function open(url: string): Promise<Socket> {
  const socket = connect(portOf(url), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('stopping', () => {
  test('lets a request in flight finish, and closes its connection', async () => {
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    const gateway = await startGateway({
      resolvers: {
        slow: () => {
          asked.resolve();
          return answer.promise;
        },
      },
    });
    const response = gateway.query({ query: '{ slow }' });
    await asked.promise;
    const stopped = gateway.stop();
    answer.resolve('done');

    expect(await response).toMatchObject({ status: 200, body: { data: { slow: 'done' } } });
    await stopped;
    await expect(fetch(gateway.url)).rejects.toThrow();
  });

  test('does not wait for idle, half-sent or silent connections', async () => {
    const engine = createStubEngine('type Query { hello: String }');
    const gateway = await startGateway({ engine });
    const [silent, kept] = [await open(gateway.url), await open(gateway.url)];
    kept.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(kept, 'data');
    const closed = [once(silent, 'close'), once(kept, 'close')];
    await gateway.stop();
    await Promise.all(closed);

    expect(engine.stopped()).toBe(true);
  });

  test('cuts a request that outlives its time', async () => {
    const gateway = await startGateway({ config: { requestTimeout: 100 } });
    const socket = await open(gateway.url);
    // Promises a body and never sends it.
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n{',
    );
    const answer = text(socket).catch(() => '');
    await once(socket, 'data'); // 100 Continue: the request is being handled
    await gateway.stop();

    expect(await answer).not.toContain('200');
  });
});

describe('starting', () => {
  test('on a port in use fails with one line, and leaves nothing behind', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const attempt = startGateway({ config: { port } });

    await expect(attempt).rejects.toMatchObject({
      name: 'ListenError',
      message: `PORT=${port}: the port is in use on 127.0.0.1; choose another, or 0 for any`,
    });
    other.close();
    await once(other, 'close');
  });

  test('on a foreign address fails with one line', async () => {
    await expect(startGateway({ config: { host: '192.0.2.1' } })).rejects.toThrow(
      'HOST=192.0.2.1: not an address of this machine',
    );
  });
});

describe('health', () => {
  test('is live before there is a supergraph, and not ready, saying what is missing', async () => {
    const engine = createStubEngine('type Query { hello: String }');
    engine.vanish();
    await using gateway = await startGateway({ engine });
    const [live, ready] = [
      await fetch(`${gateway.url}/health/live`),
      await fetch(`${gateway.url}/health/ready`),
    ];

    expect(live.status).toBe(200);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({
        ready: false,
        generation: 0,
        missing: ['supergraph: none composed yet', 'subgraph orders: refused (Unknown type "Prodct".)'],
      }),
    ]);
  });

  test('names the subgraphs that are away while it serves on', async () => {
    await using gateway = await startGateway();
    const ready = await fetch(`${gateway.url}/health/ready`);

    expect([ready.status, await ready.json()]).toEqual([
      200,
      expect.objectContaining({
        ready: true,
        subgraphs: { serving: 1, unavailable: ['reviews'], refused: ['orders'] },
      }),
    ]);
  });
});

describe('/supergraph', () => {
  test('shows the SDL as text, the whole as JSON, and no SDL when introspection is off', async () => {
    await using open = await startGateway();
    await using closed = await startGateway({ env: { INTROSPECTION: 'false' } });
    const accept = { headers: { accept: 'text/plain' } };

    expect(await (await fetch(`${open.url}/supergraph`, accept)).text()).toMatch('type Query');
    expect(await (await fetch(`${open.url}/supergraph`)).json()).toMatchObject({
      generation: 3,
      sdl: expect.stringMatching('type Query'),
    });
    expect(await (await fetch(`${closed.url}/supergraph`)).json()).not.toHaveProperty('sdl');
    expect((await fetch(`${closed.url}/supergraph`, accept)).status).toBe(404);
  });
});
