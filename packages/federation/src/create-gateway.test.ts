import { describe, expect, test } from '@jest/globals';
import { composeLocally } from '../test/support/federate.ts';
import { createFederationGateway } from './create-gateway.ts';
import type { SubgraphResponse } from './protocol.ts';
import type { SubgraphTransport } from './transport/transport.ts';

const supergraph = composeLocally({ a: { sdl: 'type Query { a: Int }' } });
const snapshot = { load: async () => supergraph, save: async () => {} };

/** Answers when it is told to. */
function heldTransport() {
  const sent = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<SubgraphResponse>();
  const transport: SubgraphTransport = {
    kind: 'http',
    fetch: () => {
      sent.resolve();
      return answer.promise;
    },
    close: async () => {},
  };
  return { transport, sent: sent.promise, answer: answer.resolve };
}

describe('the federation gateway', () => {
  test('refuses operations until there is a supergraph', async () => {
    const gateway = createFederationGateway({});
    await gateway.start();
    expect(await gateway.execute({ query: '{ a }' }, {})).toMatchObject({
      errors: [{ extensions: { code: 'SUPERGRAPH_UNAVAILABLE' } }],
    });
    await gateway.stop();
  });

  test('lets operations end when it stops, and takes no more', async () => {
    const { transport, sent, answer } = heldTransport();
    const gateway = createFederationGateway({ transports: [transport], snapshot });
    await gateway.start();
    const running = gateway.execute({ query: '{ a }' }, {});
    await sent;
    const stopped = gateway.stop();
    expect(await gateway.execute({ query: '{ a }' }, {})).toMatchObject({
      errors: [{ extensions: { code: 'SUPERGRAPH_UNAVAILABLE' } }],
    });
    answer({ data: { a: 1 } });
    expect(await running).toEqual({ data: { a: 1 } });
    await stopped;
  });

  test('never rejects: a fault of ours is logged and answered without its details', async () => {
    const errors: string[] = [];
    const ignore = (): void => {};
    const logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (message: string) => void errors.push(message),
    };
    const gateway = createFederationGateway({ snapshot, logger });
    await gateway.start();
    gateway.supergraph.current!.operations.prepare = () => {
      throw new Error('secret');
    };
    const result = await gateway.execute({ query: '{ a }' }, {});
    expect(JSON.parse(JSON.stringify(result))).toEqual({
      errors: [{ message: 'Internal server error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(errors).toEqual([expect.stringContaining('secret')]);
    await gateway.stop();
  });
});
