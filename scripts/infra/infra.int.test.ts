import { expect, test } from '@jest/globals';
import { startConsulAgent } from './consul.ts';
import { startNatsServer } from './nats.ts';

test('a real nats-server starts on a free port, stops, and starts again on the same port', async () => {
  await using nats = await startNatsServer({ jetStream: true });
  await nats.stop('SIGKILL');
  await nats.start();
  expect(nats.url).toBe(`nats://127.0.0.1:${nats.port}`);
});

test('a real Consul agent keeps its data over a restart, and loses them when wiped', async () => {
  await using consul = await startConsulAgent();
  await consul.put('/v1/kv/a', 'x');
  await consul.stop();
  await consul.start();
  await expect(consul.get('/v1/kv/a?keys')).resolves.toEqual(['a']);
  await consul.stop({ wipe: true });
  await consul.start();
  await expect(consul.get('/v1/kv/a?keys')).rejects.toThrow('404');
});
