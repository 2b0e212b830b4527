import { describe } from '@jest/globals';
import { channelContract } from '../testing/channel-contract.ts';
import { createMemoryChannel } from './local-channel.ts';

describe('the memory channel', () => {
  channelContract(async () => {
    const channel = createMemoryChannel();
    return {
      connect: async () => channel,
      hasAckWait: false,
      survivesClose: false,
      [Symbol.asyncDispose]: () => channel.close(),
    };
  });
});
