import { expect, test } from '@jest/globals';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { startNode, untilCallable } from '../test/support.ts';

const greeter = {
  name: 'greeter',
  actions: { hello: (ctx: { params: { name?: string } }) => `hello ${ctx.params.name}` },
};

test('a call reaches an action on another node', async () => {
  await using nats = await startNatsServer();
  await using server = await startNode('server', nats.url, { services: [greeter] });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'greeter.hello');
  expect(await client.broker.call('greeter.hello', { name: 'you' })).toBe('hello you');
  expect(server.events.map((e) => e.name)).toEqual(['$transporter.connected']);
});
