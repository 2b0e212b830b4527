import { expect, test } from '@jest/globals';
import type { Context } from 'moleculer';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { createNode, startNode, until, untilCallable } from '../test/support.ts';

const LIMIT = 8_192;
const big = { text: 'x'.repeat(2 * LIMIT) };
const config = `max_payload: ${LIMIT}`;
const tooLarge = { code: 413, type: 'PAYLOAD_TOO_LARGE', data: { limit: LIMIT } };

const echo = {
  name: 'echo',
  actions: {
    size: (ctx: Context<{ text: string }>) => ctx.params.text.length,
    repeat: (ctx: Context<{ times: number }>) => 'y'.repeat(ctx.params.times),
  },
  events: { 'thing.happened': () => undefined },
};

for (const disableBalancer of [false, true]) {
  test(`a payload above the server's limit is refused with both sizes (disableBalancer: ${disableBalancer})`, async () => {
    await using nats = await startNatsServer({ config });
    const broker = { disableBalancer };
    await using _server = await startNode('server', nats.url, { services: [echo], broker });
    await using client = await startNode('client', nats.url, { broker });
    await untilCallable(client, 'echo.size');

    await expect(client.broker.call('echo.size', big)).rejects.toMatchObject(tooLarge);
    await expect(client.broker.call('echo.size', big)).rejects.toThrow(
      /'echo\.size'.* has \d{5} bytes.* at most 8192/,
    );
    const loud = { throwError: true } as object;
    await expect(client.broker.emit('thing.happened', big, loud)).rejects.toMatchObject(tooLarge);
    await expect(client.broker.broadcast('thing.happened', big, loud)).rejects.toMatchObject(tooLarge);
    // Without `throwError` Moleculer's events never reject; the error is logged instead.
    await client.broker.emit('thing.happened', big);
    expect(client.log.some((line) => line.level === 'error' && line.text.includes("'thing.happened'"))).toBe(
      true,
    );
    expect(client.broker.transit?.pendingRequests.size).toBe(0);
    await expect(client.broker.call('echo.size', { text: 'small' })).resolves.toBe(5);
  });
}

test('a response above the limit arrives all the same, between others', async () => {
  await using nats = await startNatsServer({ config });
  await using _server = await startNode('server', nats.url, { services: [echo] });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'echo.repeat');
  const times = [100 * LIMIT, 5, 2 * LIMIT, LIMIT, LIMIT - 200];
  const calls = times.map((count) => client.broker.call('echo.repeat', { times: count }));
  expect(await Promise.all(calls)).toEqual(times.map((count) => 'y'.repeat(count)));
});

test('a response above 16 MiB is an error for its caller, with size and limit, not a timeout', async () => {
  await using nats = await startNatsServer();
  await using server = await startNode('server', nats.url, { services: [echo] });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'echo.repeat');
  const limit = 16 * 1024 * 1024;
  const call = client.broker.call('echo.repeat', { times: limit }, { timeout: 60_000 });
  await expect(call).rejects.toMatchObject({
    ...tooLarge,
    data: { limit },
    nodeID: 'server',
    retryable: false,
  });
  expect(server.log.some((line) => line.text.includes(`at most ${limit}, in parts`))).toBe(true);
});

test('a response above the limit to a node that does not know parts is an error, not a timeout', async () => {
  await using nats = await startNatsServer({ config });
  await using server = await startNode('server', nats.url, { services: [echo] });
  const stock = { type: 'NATS', options: { url: nats.url } } as const;
  await using client = await startNode('client', stock);
  await untilCallable(client, 'echo.repeat');
  const call = client.broker.call('echo.repeat', { times: 2 * LIMIT }, { timeout: 60_000 });
  await expect(call).rejects.toMatchObject({ ...tooLarge, nodeID: 'server', retryable: false });
  expect(server.log.some((line) => line.text.includes('max_payload'))).toBe(true);
});

test("the limit is the server's own, read again after a reconnect", async () => {
  await using nats = await startNatsServer({ config });
  await using _server = await startNode('server', nats.url, { services: [echo] });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'echo.size');
  await nats.stop('SIGKILL');
  await nats.configure(`max_payload: ${8 * LIMIT}`);
  await nats.start();
  await until('back', () => client.events.filter((e) => e.name === '$transporter.connected').length === 2);
  await expect(client.broker.call('echo.size', big, { timeout: 60_000 })).resolves.toBe(2 * LIMIT);
});

test('a URL of another kind is refused when the transporter is made', () => {
  expect(() => createNode('node', 'http://127.0.0.1:4222')).toThrow('a NATS URL is nats://host');
});
