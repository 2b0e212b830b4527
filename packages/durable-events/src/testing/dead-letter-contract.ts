import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import type { Channel, DeadLetter } from '../channel.ts';
import { PermanentError } from '../errors.ts';
import { message, soon, type WithChannel } from './contract-kit.ts';
import { createRecorder } from './recorder.ts';

/** What becomes of a message that cannot be handled. */
export function deadLetterContract(withChannel: WithChannel): void {
  describe('dead letters', () => {
    const dead = async (channel: Channel, count = 1): Promise<DeadLetter[]> => {
      for (;;) {
        const letters = await channel.deadLetters.list();
        if (letters.length >= count) return letters;
        await delay(10);
      }
    };

    withChannel(
      'hold what failed in all its attempts, with the reason; its group goes on',
      async (channel) => {
        const seen = createRecorder(({ message: { id } }) => {
          if (id === 'a') throw Object.assign(new Error('no such product'), { code: 'NO_PRODUCT' });
        });
        const other = createRecorder();
        await channel.subscribe('order.placed', 'mails', seen.handler, { maxAttempts: 2, backoff: soon });
        await channel.subscribe('order.placed', 'stats', other.handler);
        await channel.publish('order.placed', message('a', 'k', { traceparent: '00-aa-bb-01' }));
        await channel.publish('order.placed', message('b'));
        await Promise.all([seen.until(3), other.until(2)]);
        expect(seen.ids()).toEqual(['a', 'a', 'b']);
        expect(other.ids()).toEqual(['a', 'b']);
        const [letter] = await dead(channel);
        expect(letter).toMatchObject({
          event: 'order.placed',
          group: 'mails',
          attempts: 2,
          reason: { code: 'NO_PRODUCT', message: 'no such product' },
          message: { id: 'a', key: 'k' },
        });
        expect({ ...letter?.message.headers }).toEqual({ traceparent: '00-aa-bb-01' });
        await expect(channel.deadLetters.read(letter?.id ?? '')).resolves.toMatchObject({
          message: { id: 'a' },
        });
      },
    );

    withChannel('hold at once what a handler says is hopeless', async (channel) => {
      const seen = createRecorder(() => {
        throw new PermanentError('UNKNOWN_EVENT_VERSION', 'version 9');
      });
      await channel.subscribe('order.placed', 'mails', seen.handler);
      await channel.publish('order.placed', message('a'));
      const [letter] = await dead(channel);
      expect(seen.ids()).toEqual(['a']);
      expect(letter).toMatchObject({
        attempts: 1,
        reason: { code: 'UNKNOWN_EVENT_VERSION', message: 'version 9' },
      });
    });

    withChannel('are listed by event and group, page by page', async (channel) => {
      const fail = async () => {
        throw new PermanentError('NO', 'no');
      };
      await channel.subscribe('order.placed', 'mails', fail);
      await channel.subscribe('order.placed', 'stats', fail);
      for (const id of ['a', 'b', 'c']) await channel.publish('order.placed', message(id));
      await dead(channel, 6);
      const { deadLetters } = channel;
      const mails = await deadLetters.list({ event: 'order.placed', group: 'mails', limit: 2 });
      expect(mails.map((letter) => letter.message.id)).toEqual(['a', 'b']);
      const rest = await deadLetters.list({ group: 'mails', after: mails[1]?.id ?? '' });
      expect(rest.map((letter) => letter.message.id)).toEqual(['c']);
      await expect(deadLetters.list({ event: 'order.cancelled' })).resolves.toEqual([]);
    });

    withChannel('are replayed to their own group alone, as a first attempt', async (channel) => {
      let broken = true;
      const seen = createRecorder(() => {
        if (broken) throw new PermanentError('NO', 'no');
      });
      const other = createRecorder();
      await channel.subscribe('order.placed', 'mails', seen.handler);
      await channel.subscribe('order.placed', 'stats', other.handler);
      await channel.publish('order.placed', message('a', 'k', { x: 'y' }));
      const [letter] = await dead(channel);
      await other.until(1);
      broken = false;
      await channel.deadLetters.replay(letter?.id ?? '');
      await seen.until(2);
      expect(seen.deliveries[1]).toMatchObject({
        attempt: 1,
        group: 'mails',
        message: { id: 'a', key: 'k' },
      });
      expect({ ...seen.deliveries[1]?.message.headers }).toEqual({ x: 'y' });
      await expect(channel.deadLetters.list()).resolves.toEqual([]);
      await expect(channel.deadLetters.replay(letter?.id ?? '')).rejects.toMatchObject({
        code: 'DEAD_LETTER_NOT_FOUND',
      });
      await channel.publish('order.placed', message('b'));
      await other.until(2);
      expect(other.ids()).toEqual(['a', 'b']);
    });

    withChannel('can be discarded', async (channel) => {
      await channel.subscribe('order.placed', 'mails', async () => {
        throw new PermanentError('NO', 'no');
      });
      await channel.publish('order.placed', message('a'));
      const [letter] = await dead(channel);
      await channel.deadLetters.discard(letter?.id ?? '');
      await expect(channel.deadLetters.list()).resolves.toEqual([]);
      for (const id of [letter?.id ?? '', '99999', 'nonsense'])
        await expect(channel.deadLetters.read(id)).rejects.toMatchObject({ code: 'DEAD_LETTER_NOT_FOUND' });
    });
  });
}
