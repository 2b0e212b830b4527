import { expect, test } from '@jest/globals';
import { keepRunning } from './keep-running.ts';

/** A server without a process: how often it was started, and a way to end it. */
function standIn() {
  let ended = Promise.withResolvers<void>();
  const server = {
    starts: 0,
    refuses: 0,
    async start() {
      if (server.refuses-- > 0) throw new Error('its port is taken');
      server.starts += 1;
      ended = Promise.withResolvers<void>();
      started.resolve();
    },
    crash: async () => ended.resolve(),
    exited: () => ended.promise,
  };
  let started = Promise.withResolvers<void>();
  const again = () => {
    started = Promise.withResolvers<void>();
    return started.promise;
  };
  return { server, again };
}

test('a server that ends is started again, and said so', async () => {
  const { server, again } = standIn();
  const said: string[] = [];
  const kept = keepRunning('nats', server, (line) => said.push(line));
  const started = again();
  await server.crash();
  await started;
  expect(server.starts).toBe(1);
  expect(said).toEqual(['nats ended, and is started again']);
  await kept.release();
});

test('a start that fails is tried again', async () => {
  const { server, again } = standIn();
  const said: string[] = [];
  const kept = keepRunning('nats', server, (line) => said.push(line));
  server.refuses = 1;
  const started = again();
  await server.crash();
  await started;
  expect(said).toContain('nats does not start: its port is taken');
  await kept.release();
});

test('a restart on purpose is no incident, and two at a time are one', async () => {
  const { server } = standIn();
  const said: string[] = [];
  const kept = keepRunning('nats', server, (line) => said.push(line));
  await Promise.all([kept.restart(0), kept.restart(0)]);
  expect(server.starts).toBe(1);
  expect(said).toEqual([]);
  await kept.release();
});

test('a server that was released may end', async () => {
  const { server } = standIn();
  const kept = keepRunning('nats', server, () => undefined);
  await kept.release();
  await server.crash();
  await new Promise(setImmediate);
  expect(server.starts).toBe(0);
});
