export { channelContract } from './channel-contract.ts';
export type { ChannelUnderTest } from './contract-kit.ts';
