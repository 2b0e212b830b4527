import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Channel, DeadLetter, Message } from '../channel.ts';
import { PermanentError } from '../errors.ts';
import { createGate, createRecorder } from './recorder.ts';

/** An empty backing of a channel, disposed of by the suite. */
export interface ChannelUnderTest extends AsyncDisposable {
  /**
   * A channel on the backing, as another process would open it. A channel that belongs to one process answers the same
   * one until that is closed, then a new one on the same backing.
   */
  connect(): Promise<Channel>;
  /** Longer than the channel waits for an acknowledgement before it delivers again, in ms; 0 where it never does. */
  readonly longerThanAckWait: number;
  /** Does the backing outlive `close` of its channels? */
  readonly survivesClose: boolean;
}

const soon = { initial: 20, max: 40 };
const bytes = (text: string) => new TextEncoder().encode(text);
const message = (id: string, key = 'k', headers: Record<string, string> = {}): Message => ({
  id,
  key,
  headers,
  data: bytes(`data of ${id}`),
});

/** The suite that every implementation of Channel passes. `makeChannel` is called once for each test. */
export function channelContract(makeChannel: () => Promise<ChannelUnderTest>): void {
  const withChannel = (name: string, run: (channel: Channel, backing: ChannelUnderTest) => Promise<void>) =>
    test(name, async () => {
      await using backing = await makeChannel();
      await using channel = await backing.connect();
      await run(channel, backing);
    });

  describe('groups', () => {
    withChannel('every group gets a message once, as it was published', async (channel) => {
      const [a, b] = [createRecorder(), createRecorder()];
      await channel.subscribe('order.placed', 'mails', a.handler);
      await channel.subscribe('order.placed', 'stats', b.handler);
      const before = Date.now();
      const sent: Message = {
        id: 'ä/1 2',
        key: 'Käufer 7',
        headers: { 'ce-type': 'order.placed', traceparent: '00-aa-bb-01' },
        data: Uint8Array.of(0, 255, 10, 13),
      };
      await channel.publish('order.placed', sent);
      await Promise.all([a.until(1), b.until(1)]);
      expect({ ...a.deliveries[0]?.message.headers }).toEqual(sent.headers);
      expect(a.deliveries[0]).toMatchObject({ event: 'order.placed', group: 'mails', attempt: 1 });
      expect(a.deliveries[0]?.message).toMatchObject({ id: sent.id, key: sent.key });
      expect([...(a.deliveries[0]?.message.data ?? [])]).toEqual([...sent.data]);
      expect(a.deliveries[0]?.publishedAt).toBeGreaterThanOrEqual(before - 1_000);
      expect(b.deliveries[0]?.group).toBe('stats');
    });

    withChannel('the members of a group share its messages', async (channel, backing) => {
      const other = await backing.connect();
      const seen = createRecorder();
      await channel.subscribe('order.placed', 'mails', seen.handler);
      await other.subscribe('order.placed', 'mails', seen.handler);
      const ids = Array.from({ length: 40 }, (_, i) => `m${i}`);
      await Promise.all(ids.map((id, i) => channel.publish('order.placed', message(id, `k${i}`))));
      await seen.until(40);
      await Promise.all([channel.close(), other.close()]);
      expect(seen.ids().sort()).toEqual(ids.sort());
    });

    withChannel('a group gets what was published while none of its members was there', async (channel) => {
      const first = createRecorder();
      const subscription = await channel.subscribe('order.placed', 'mails', first.handler);
      await channel.publish('order.placed', message('a'));
      await first.until(1);
      await subscription.stop();
      await channel.publish('order.placed', message('b'));
      await channel.publish('order.placed', message('c'));
      const second = createRecorder();
      await channel.subscribe('order.placed', 'mails', second.handler);
      await second.until(2);
      expect(second.ids()).toEqual(['b', 'c']);
      expect(first.ids()).toEqual(['a']);
    });

    withChannel(
      'a new group begins at the first message kept, or at the next one published',
      async (channel) => {
        await (await channel.subscribe('order.placed', 'known', async () => {})).stop();
        await channel.publish('order.placed', message('a'));
        const [all, later] = [createRecorder(), createRecorder()];
        await channel.subscribe('order.placed', 'later', later.handler, { from: 'next' });
        if (channel.replays) await channel.subscribe('order.placed', 'all', all.handler, { from: 'first' });
        else
          await expect(
            channel.subscribe('order.placed', 'all', all.handler, { from: 'first' }),
          ).rejects.toMatchObject({ code: 'REPLAY_NOT_SUPPORTED' });
        await channel.publish('order.placed', message('b'));
        await later.until(1);
        expect(later.ids()).toEqual(['b']);
        if (channel.replays) {
          await all.until(2);
          expect(all.ids()).toEqual(['a', 'b']);
        }
      },
    );
  });

  describe('order', () => {
    withChannel(
      'messages of one key are handled one at a time and in order, over all members',
      async (channel, backing) => {
        const other = await backing.connect();
        let running = 0;
        let most = 0;
        const seen = createRecorder(async () => {
          most = Math.max(most, ++running);
          await delay(1);
          running--;
        });
        await channel.subscribe('order.placed', 'mails', seen.handler);
        await other.subscribe('order.placed', 'mails', seen.handler);
        const ids = Array.from({ length: 30 }, (_, i) => `m${i}`);
        for (const id of ids) await channel.publish('order.placed', message(id));
        await seen.until(30);
        expect(seen.ids()).toEqual(ids);
        expect(most).toBe(1);
      },
    );

    withChannel('other keys go on while one is busy', async (channel) => {
      const gate = createGate();
      const seen = createRecorder(({ message: { key } }) => (key === 'slow' ? gate.opened : undefined));
      await channel.subscribe('order.placed', 'mails', seen.handler);
      await channel.publish('order.placed', message('slow', 'slow'));
      await seen.until(1);
      // Thirty keys: at most a share of them may be held back.
      for (let i = 0; i < 30; i++) await channel.publish('order.placed', message(`m${i}`, `k${i}`));
      await seen.until(11);
      gate.open();
      await seen.until(31);
    });

    withChannel('a failing message is tried again before those behind it', async (channel) => {
      const seen = createRecorder(({ message: { id }, attempt }) => {
        if (id === 'a' && attempt < 3) throw new Error('not yet');
      });
      await channel.subscribe('order.placed', 'mails', seen.handler, { backoff: soon });
      await channel.publish('order.placed', message('a'));
      await channel.publish('order.placed', message('b'));
      await seen.until(4);
      expect(seen.deliveries.map(({ message: { id }, attempt }) => `${id}${attempt}`)).toEqual([
        'a1',
        'a2',
        'a3',
        'b1',
      ]);
    });
  });

  describe('retries', () => {
    withChannel('wait longer each time', async (channel) => {
      const at: number[] = [];
      const seen = createRecorder(() => {
        at.push(performance.now());
        if (at.length < 3) throw new Error('not yet');
      });
      await channel.subscribe('order.placed', 'mails', seen.handler, {
        backoff: { initial: 200, max: 10_000 },
      });
      await channel.publish('order.placed', message('a'));
      await seen.until(3);
      // Half of each delay is certain, half is chance.
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(95);
      expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(195);
    });

    withChannel('do not come while the handler still runs, however slow it is', async (channel, backing) => {
      const seen = createRecorder(() => delay(backing.longerThanAckWait));
      // The second member is the one that would get a message whose acknowledgement is overdue.
      const other = await backing.connect();
      await channel.subscribe('order.placed', 'mails', seen.handler);
      await other.subscribe('order.placed', 'mails', seen.handler);
      await channel.publish('order.placed', message('a'));
      await channel.publish('order.placed', message('b'));
      await seen.until(2);
      expect(seen.ids()).toEqual(['a', 'b']);
    });
  });

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

  describe('publishing', () => {
    withChannel(
      'the same id twice stores one message; under another event name it is another',
      async (channel) => {
        if (!channel.dedupes) return;
        const [seen, other] = [createRecorder(), createRecorder()];
        await channel.subscribe('order.placed', 'mails', seen.handler);
        await channel.subscribe('order.cancelled', 'mails', other.handler);
        await channel.publish('order.placed', message('a'));
        await channel.publish('order.placed', message('a'));
        await channel.publish('order.cancelled', message('a'));
        await channel.publish('order.placed', message('b'));
        await Promise.all([seen.until(2), other.until(1)]);
        expect(seen.ids()).toEqual(['a', 'b']);
      },
    );

    withChannel('a message over the size is refused, naming size and limit', async (channel) => {
      const large = { ...message('a'), data: new Uint8Array(9_000_000) };
      await expect(channel.publish('order.placed', large)).rejects.toMatchObject({
        code: 'MESSAGE_TOO_LARGE',
        message: expect.stringMatching(/9\d{6} bytes.* \d{6,7}$/),
      });
    });

    withChannel('what another channel could not carry is refused', async (channel) => {
      const invalid = { code: 'INVALID_MESSAGE' };
      await expect(channel.publish('order placed', message('a'))).rejects.toMatchObject(invalid);
      await expect(channel.publish('order_placed', message('a'))).rejects.toMatchObject(invalid);
      await expect(channel.publish('order.*', message('a'))).rejects.toMatchObject(invalid);
      await expect(channel.publish('order.placed', message(''))).rejects.toMatchObject(invalid);
      await expect(channel.publish('order.placed', message('a', 'k', { 'X Y': '1' }))).rejects.toMatchObject(
        invalid,
      );
      await expect(
        channel.publish('order.placed', message('a', 'k', { x: 'a\r\nb: c' })),
      ).rejects.toMatchObject(invalid);
      await expect(channel.subscribe('order.placed', 'a b', async () => {})).rejects.toMatchObject(invalid);
    });
  });

  describe('stopping', () => {
    withChannel('waits for the handler that runs, and starts no other', async (channel) => {
      const gate = createGate();
      const finished: string[] = [];
      const seen = createRecorder(async ({ message: { id } }) => {
        await gate.opened;
        finished.push(id);
      });
      const subscription = await channel.subscribe('order.placed', 'mails', seen.handler);
      await channel.publish('order.placed', message('a'));
      await channel.publish('order.placed', message('b'));
      await seen.until(1);
      const stopped = subscription.stop();
      gate.open();
      await stopped;
      expect(finished).toEqual(['a']);
      const after = createRecorder();
      await channel.subscribe('order.placed', 'mails', after.handler);
      await after.until(1);
      expect(after.deliveries[0]).toMatchObject({ attempt: 1, message: { id: 'b' } });
      expect(seen.ids()).toEqual(['a']);
    });

    withChannel('does not wait for ever', async (channel) => {
      const gate = createGate();
      const seen = createRecorder(() => gate.opened);
      await channel.subscribe('order.placed', 'mails', seen.handler);
      await channel.publish('order.placed', message('a'));
      await seen.until(1);
      await channel.close({ drainTimeout: 20 });
      gate.open();
    });

    withChannel('after close, publish and subscribe are refused aloud', async (channel) => {
      await channel.close();
      const closed = { code: 'CHANNEL_CLOSED' };
      await expect(channel.publish('order.placed', message('a'))).rejects.toMatchObject(closed);
      await expect(channel.subscribe('order.placed', 'mails', async () => {})).rejects.toMatchObject(closed);
      await expect(channel.deadLetters.list()).rejects.toMatchObject(closed);
      await channel.close();
    });

    withChannel(
      'what was being published when close came is stored; groups go on where they were',
      async (channel, backing) => {
        const gone = createRecorder();
        const subscription = await channel.subscribe('order.placed', 'mails', gone.handler);
        await channel.publish('order.placed', message('done', 'k'));
        await gone.until(1);
        await subscription.stop();
        const ids = Array.from({ length: 20 }, () => randomUUID());
        const publishing = ids.map((id) => channel.publish('order.placed', message(id, id)));
        await channel.close();
        await Promise.all(publishing);
        if (!backing.survivesClose) return;
        const again = await backing.connect();
        const seen = createRecorder();
        await again.subscribe('order.placed', 'mails', seen.handler);
        await seen.until(20);
        expect(seen.ids().sort()).toEqual(ids.sort());
      },
    );
  });
}
