import { expect, test } from '@jest/globals';
import type { CallingOptions, Context, Middleware, Service } from 'moleculer';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { startNode, untilCallable } from '../test/support.ts';
import { deadline, safeRetry } from './index.ts';
import type { TextAnswerOptions } from './text-answer.ts';
import type { TextParamsOptions } from './text-params.ts';

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
  await expect(client.broker.call('shop.gone', {}, { ...asText, retries: 0 })).rejects.toMatchObject({
    code: 404,
  });
});

test('params that are text already arrive as what they say, and those that a middleware replaced as what it made of them', async () => {
  await using nats = await startNatsServer();
  const echo = {
    name: 'echo',
    actions: { back: (ctx: Context) => ({ params: ctx.params, meta: ctx.meta }) },
  };
  await using _server = await startNode('server', nats.url, { services: [echo] });
  await using client = await startNode('client', nats.url, {
    broker: { middlewares: [deadline(), safeRetry(), replacing] },
  });
  await untilCallable(client, 'echo.back');
  const params = { of: 'the object' };
  const call = (meta: object) => {
    const options: CallingOptions & TextParamsOptions = {
      meta,
      textParams: { params, text: '{"of":"the ä \\"text\\""}' },
    };
    return client.broker.call('echo.back', params, options);
  };
  expect(await call({ by: 'me' })).toEqual({ params: { of: 'the ä "text"' }, meta: { by: 'me' } });
  expect(await call({ replace: true })).toEqual({ params: { of: 'a middleware' }, meta: { replace: true } });
});

const replacing: Middleware = {
  remoteAction(next) {
    return function (this: Service, ctx: Context) {
      if ((ctx.meta as { replace?: boolean }).replace) ctx.params = { of: 'a middleware' };
      return next.call(this, ctx);
    };
  },
};
