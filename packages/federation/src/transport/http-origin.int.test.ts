import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { Deadlines } from './deadlines.ts';
import type { HttpOrigin, OriginLimits } from './http-origin.ts';
import { Http1Origin } from './http1/origin.ts';
import { UndiciOrigin } from './undici-origin.ts';

type Answer = (socket: Socket, request: string) => void;

const ok = (body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** A server that answers each request, which must come in one piece, as it likes, and an origin for it. */
async function serve(
  create: (url: URL, limits: OriginLimits, deadlines: Deadlines) => HttpOrigin,
  answer: Answer,
  limits: Partial<OriginLimits> = {},
) {
  const sockets = new Set<Socket>();
  let connections = 0;
  let requests = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (!text.endsWith('}')) return;
      requests++;
      answer(socket, text);
      text = '';
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const deadlines = new Deadlines();
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const origin = create(
    url,
    { connections: 4, maxResponseBytes: 1_000, connectTimeout: 10_000, ...limits },
    deadlines,
  );
  return {
    origin,
    sockets,
    connections: () => connections,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      await origin.close();
      deadlines.clear();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Resolves to the answer's text, or to what it failed with. */
function ask(origin: HttpOrigin, body = '{}') {
  const ended = Promise.withResolvers<string>();
  const posted = origin.post(
    { path: '/', headers: ['content-type', 'application/json'], body },
    {
      answered: (status, text) => ended.resolve(`${status} ${text}`),
      failed: (error) => ended.resolve(String((error as { code?: unknown }).code ?? error)),
    },
  );
  return { answer: ended.promise, giveUp: () => posted.giveUp() };
}

describe.each([
  ['own', (...given: ConstructorParameters<typeof Http1Origin>) => new Http1Origin(...given)],
  ['undici', (url: URL, limits: OriginLimits) => new UndiciOrigin(url, limits)],
])('an HTTP origin (%s)', (name, create) => {
  test('keeps connections for the next request', async () => {
    await using server = await serve(create, (socket, request) => {
      socket.write(ok(request.slice(request.indexOf('\r\n\r\n') + 4)));
    });
    for (let time = 0; time < 10; time++)
      for (const body of ['{"a":1}', '{"é":"€"}'])
        expect(await ask(server.origin, body).answer).toBe(`200 ${body}`);
    expect(server.connections()).toBeLessThan(20);
  });

  test.each([
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n',
      '200 {}',
    ],
    ['after an interim answer', `HTTP/1.1 103 Early Hints\r\n\r\n${ok('{}')}`, '200 {}'],
    [
      'of another status',
      'HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
      '400 {}',
    ],
    ['of 1,001 bytes', ok('x'.repeat(1_001)), 'TOO_LARGE'],
  ])('takes an answer %s', async (_, wire, expected) => {
    await using server = await serve(create, (socket) => socket.write(wire));
    expect(await ask(server.origin).answer).toBe(expected);
  });

  test.each([
    ['that is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    [
      'of a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}',
    ],
    ['of two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['with a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
  ])('fails for an answer %s', async (_, wire) => {
    await using server = await serve(create, (socket) => socket.write(wire));
    expect(await ask(server.origin).answer).not.toMatch(/^\d/);
  });

  test('takes what came until the connection was closed for an answer without a length', async () => {
    await using server = await serve(create, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"a":1}'));
    expect(await ask(server.origin).answer).toBe('200 {"a":1}');
  });

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 O'],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}'],
  ])('fails, and sends nothing again, when the connection is closed after %s', async (_, wire) => {
    await using server = await serve(create, (socket) => socket.end(wire));
    expect(await ask(server.origin).answer).toMatch(/^(CLOSED|ECONNRESET|EPIPE|HPE_)/);
    expect(server.requests()).toBe(1);
  });

  test('connects again when an idle connection was closed', async () => {
    await using server = await serve(create, (socket) => socket.write(ok('{}')));
    expect(await ask(server.origin).answer).toBe('200 {}');
    const [socket] = server.sockets;
    socket!.destroy();
    // Until this side knows, a request may still meet the old connection: that one fails.
    while (server.connections() < 2) await ask(server.origin).answer;
    expect(await ask(server.origin).answer).toBe('200 {}');
  });

  test('has no more connections than it may; the others wait in line', async () => {
    await using server = await serve(create, (socket) => setImmediate(() => socket.write(ok('{}'))), {
      connections: 2,
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server.origin).answer));
    expect(new Set(answers)).toEqual(new Set(['200 {}']));
    expect(server.requests()).toBe(20);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test('gives up a request on its way, and one in line; the next one is answered', async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await serve(
      create,
      (socket, request) => (request.includes('silent') ? arrived.resolve() : socket.write(ok('{}'))),
      { connections: 1 },
    );
    const called: string[] = [];
    const onItsWay = ask(server.origin, '{"silent":1}');
    const inLine = ask(server.origin);
    for (const { answer } of [onItsWay, inLine]) answer.then((text) => called.push(text));
    await arrived.promise;
    inLine.giveUp();
    onItsWay.giveUp();
    expect(await ask(server.origin).answer).toBe('200 {}');
    expect(called).toEqual([]);
    // Given up twice, or too late, is given up once.
    onItsWay.giveUp();
    expect(await ask(server.origin).answer).toBe('200 {}');
  });

  test('says that nobody listens', async () => {
    const deadlines = new Deadlines();
    const limits = { connections: 2, maxResponseBytes: 10, connectTimeout: 10_000 };
    const origin = create(new URL('http://127.0.0.1:9'), limits, deadlines);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(origin).answer));
    expect(new Set(answers)).toEqual(new Set(['ECONNREFUSED']));
    await origin.close();
    deadlines.clear();
  });

  test('fails what is on its way when it is closed', async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await serve(create, () => arrived.resolve(), { connections: 1 });
    const answers = [ask(server.origin).answer, ask(server.origin).answer];
    await arrived.promise;
    await server.origin.close();
    for (const answer of await Promise.all(answers)) expect(answer).not.toMatch(/^\d/);
  });

  // undici leaves it to its parser, which drops the connection a moment later.
  if (name === 'own') {
    test('uses no connection on which something came that nobody had asked for', async () => {
      await using server = await serve(create, (socket) =>
        socket.write(`${ok('{}')}${ok('{"not":"yours"}')}`),
      );
      for (let time = 0; time < 3; time++) expect(await ask(server.origin).answer).toBe('200 {}');
      expect(server.connections()).toBe(3);
    });

    test('closes a connection that the server will not keep for long', async () => {
      await using server = await serve(create, (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nkeep-alive: timeout=1\r\n\r\n{}'),
      );
      for (let time = 0; time < 3; time++) expect(await ask(server.origin).answer).toBe('200 {}');
      expect(server.connections()).toBe(3);
    });
  }
});
