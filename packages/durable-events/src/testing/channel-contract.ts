import { type ChannelUnderTest, createWithChannel } from './contract-kit.ts';
import { deadLetterContract } from './dead-letter-contract.ts';
import { deliveryContract } from './delivery-contract.ts';
import { groupContract } from './group-contract.ts';
import { publishContract } from './publish-contract.ts';

/**
 * The suite that every implementation of Channel passes, for Jest: call it in a `describe`. `makeChannel` is called once for
 * each test.
 */
export function channelContract(makeChannel: () => Promise<ChannelUnderTest>): void {
  const withChannel = createWithChannel(makeChannel);
  deliveryContract(withChannel);
  deadLetterContract(withChannel);
  publishContract(withChannel);
  groupContract(withChannel);
}
