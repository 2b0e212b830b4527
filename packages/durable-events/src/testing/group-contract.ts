import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import type { Channel, GroupLag } from '../channel.ts';
import { PermanentError } from '../errors.ts';
import { message, type WithChannel } from './contract-kit.ts';
import { createRecorder } from './recorder.ts';

/** What can be seen of a group from outside, and its end. */
export function groupContract(withChannel: WithChannel): void {
  describe('a group', () => {
    /** A queue may take a moment to count. */
    const lag = async (
      channel: Channel,
      group: string,
      ok: (lag: GroupLag) => boolean,
    ): Promise<GroupLag> => {
      for (;;) {
        const [found] = await channel.groups({ event: 'order.placed', group });
        if (found && ok(found)) return found;
        await delay(10);
      }
    };

    withChannel('is listed with what waits for it, and its dead letters', async (channel) => {
      const fail = createRecorder(() => {
        throw new PermanentError('NO', 'no');
      });
      const seen = createRecorder();
      await (await channel.subscribe('order.placed', 'mails', async () => {})).stop();
      await channel.subscribe('order.placed', 'stats', fail.handler);
      await channel.subscribe('order.placed', 'points', seen.handler);
      for (const id of ['a', 'b', 'c']) await channel.publish('order.placed', message(id));
      await Promise.all([fail.until(3), seen.until(3)]);
      const mails = await lag(channel, 'mails', ({ waiting }) => waiting === 3);
      expect(mails).toMatchObject({ event: 'order.placed', group: 'mails', deadLetters: 0 });
      // An age, where the channel knows it; clocks may differ by a little.
      expect(mails.oldest ?? 0).toBeGreaterThanOrEqual(0);
      await expect(lag(channel, 'stats', ({ deadLetters }) => deadLetters === 3)).resolves.toBeDefined();
      await expect(lag(channel, 'points', ({ waiting }) => waiting === 0)).resolves.toMatchObject({
        ...{ oldest: 0, deadLetters: 0 },
      });
      const all = await channel.groups();
      expect(all.map(({ event, group }) => `${event} ${group}`)).toEqual([
        ...['order.placed mails', 'order.placed points', 'order.placed stats'],
      ]);
      await expect(channel.groups({ event: 'order.cancelled' })).resolves.toEqual([]);
    });

    withChannel(
      'that is forgotten is gone with what waits for it; others are not touched',
      async (channel) => {
        await (await channel.subscribe('order.placed', 'mails', async () => {})).stop();
        await (await channel.subscribe('order.placed', 'stats', async () => {})).stop();
        await channel.publish('order.placed', message('a'));
        await channel.forget('order.placed', 'mails');
        await channel.forget('order.placed', 'mails');
        await expect(channel.groups({ event: 'order.placed', group: 'mails' })).resolves.toEqual([]);
        const [again, other] = [createRecorder(), createRecorder()];
        await channel.subscribe('order.placed', 'mails', again.handler, { from: 'next' });
        await channel.subscribe('order.placed', 'stats', other.handler);
        await channel.publish('order.placed', message('b'));
        await Promise.all([again.until(1), other.until(2)]);
        expect(again.ids()).toEqual(['b']);
        expect(other.ids()).toEqual(['a', 'b']);
      },
    );
  });
}
