import { test } from '@jest/globals';
import type { Channel, Message } from '../channel.ts';

/** An empty backing of a channel, disposed of by the suite. */
export interface ChannelUnderTest extends AsyncDisposable {
  /**
   * A channel on the backing, as another process would open it. A channel that belongs to one process answers the same
   * one until that is closed, then a new one on the same backing.
   *
   * @param ackWait ms after which it delivers again what was not acknowledged, where it does that at all. Without it so
   * long that no pause of a busy machine is longer.
   */
  connect(ackWait?: number): Promise<Channel>;
  /** Does it deliver again what is not acknowledged in time? */
  readonly hasAckWait: boolean;
  /** Does the backing outlive `close` of its channels? */
  readonly survivesClose: boolean;
}

/** A backoff for tests that do not measure it. */
export const soon = { initial: 20, max: 40 };
const bytes = (text: string) => new TextEncoder().encode(text);
export const message = (id: string, key = 'k', headers: Record<string, string> = {}): Message => ({
  id,
  key,
  headers,
  data: bytes(`data of ${id}`),
});

/** A test with a channel on a backing of its own. */
export type WithChannel = (
  name: string,
  run: (channel: Channel, backing: ChannelUnderTest) => Promise<void>,
) => void;

export function createWithChannel(makeChannel: () => Promise<ChannelUnderTest>): WithChannel {
  return (name, run) =>
    test(name, async () => {
      await using backing = await makeChannel();
      await using channel = await backing.connect();
      await run(channel, backing);
    });
}
