import { expect, test } from '@jest/globals';
import type { CallingOptions } from 'moleculer';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { startNode, untilCallable } from '../test/support.ts';
import type { TextAnswerOptions } from './text-answer.ts';

const shop = {
  name: 'shop',
  actions: { item: () => ({ id: 'ä "1"', parts: [1, null] }), nothing: () => null },
};

test('a call may ask for its answer as text, and only then gets text', async () => {
  await using nats = await startNatsServer();
  await using _server = await startNode('server', nats.url, { services: [shop] });
  await using client = await startNode('client', nats.url);
  await untilCallable(client, 'shop.item');
  const asText: CallingOptions & TextAnswerOptions = { textAnswer: true };

  expect(await client.broker.call('shop.item', {}, asText)).toBe('{"id":"ä \\"1\\"","parts":[1,null]}');
  expect(await client.broker.call('shop.nothing', {}, asText)).toBe('null');
  expect(await client.broker.call('shop.item')).toEqual({ id: 'ä "1"', parts: [1, null] });
  await expect(client.broker.call('shop.gone', {}, asText)).rejects.toMatchObject({ code: 404 });
});
