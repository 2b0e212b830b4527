import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { type NatsServer, startNatsServer } from '../../../../scripts/infra/nats.ts';
import type { Channel } from '../channel.ts';
import { channelContract } from '../testing/channel-contract.ts';
import { createJetStreamChannel } from './jetstream-channel.ts';

describe('the JetStream channel', () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNatsServer({ jetStream: true });
  });
  afterAll(async () => nats[Symbol.asyncDispose]());

  channelContract(async () => {
    const namespace = randomUUID();
    const open: Channel[] = [];
    return {
      async connect(ackWait = 20_000) {
        const channel = await createJetStreamChannel({
          connection: { servers: nats.url },
          namespace,
          ackWait,
        });
        open.push(channel);
        return channel;
      },
      hasAckWait: true,
      survivesClose: true,
      async [Symbol.asyncDispose]() {
        await Promise.all(open.map((channel) => channel.close()));
      },
    };
  });
});
