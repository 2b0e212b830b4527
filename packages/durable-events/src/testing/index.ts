export { type ChannelUnderTest, channelContract } from './channel-contract.ts';
