import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { type Answer, openConnection } from './http-connection.ts';

async function answersOf(listener: RequestListener, count: number): Promise<Answer[]> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answers: Answer[] = [];
  const done = Promise.withResolvers<void>();
  const connection = openConnection(
    { port, path: '/graphql', body: '{"query":"{ a }"}' },
    (answer) => {
      answers.push(answer);
      if (answers.length === count) done.resolve();
    },
    done.reject,
  );
  try {
    await done.promise;
    await connection.stop();
  } finally {
    server.close();
  }
  return answers;
}

const texts = (answers: readonly Answer[]) => answers.map(({ status, body }) => `${status} ${body}`);

test('an answer is whole at its length, however it is cut', async () => {
  const long = 'é'.repeat(100_000);
  const answers = await answersOf((_request, response) => {
    response.writeHead(200, { 'Content-Length': Buffer.byteLength(long) });
    response.write(long.slice(0, 10));
    setImmediate(() => response.end(long.slice(10)));
  }, 3);
  expect(texts(answers).slice(0, 3)).toEqual(Array(3).fill(`200 ${long}`));
});

test('a chunked answer is put together', async () => {
  const answers = await answersOf((_request, response) => {
    response.writeHead(500);
    response.write('{"a":');
    setImmediate(() => response.end('1}'));
  }, 2);
  expect(texts(answers).slice(0, 2)).toEqual(['500 {"a":1}', '500 {"a":1}']);
});

test('a connection that the gateway closes is a failure', async () => {
  await expect(answersOf((request) => request.socket.destroy(), 1)).rejects.toThrow();
});
