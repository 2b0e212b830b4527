import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import type { Message } from '../channel.ts';
import { message, soon, type WithChannel } from './contract-kit.ts';
import { createGate, createRecorder } from './recorder.ts';

/** What groups get, in which order, and how often. */
export function deliveryContract(withChannel: WithChannel): void {
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

    withChannel('do not come while the handler still runs, however slow it is', async (_, backing) => {
      const ackWait = 3_000;
      const seen = createRecorder(async ({ message: { id } }) => {
        if (backing.hasAckWait && id === 'a') await delay(1.5 * ackWait);
      });
      // The second member is the one that would get a message whose acknowledgement is overdue.
      for (const member of [await backing.connect(ackWait), await backing.connect(ackWait)])
        await member.subscribe('order.placed', 'mails', seen.handler);
      const channel = await backing.connect();
      await channel.publish('order.placed', message('a'));
      await channel.publish('order.placed', message('b'));
      await seen.until(2);
      expect(seen.ids()).toEqual(['a', 'b']);
    });
  });
}
