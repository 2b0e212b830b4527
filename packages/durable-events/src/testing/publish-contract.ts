import { randomUUID } from 'node:crypto';
import { describe, expect } from '@jest/globals';
import { message, type WithChannel } from './contract-kit.ts';
import { createGate, createRecorder } from './recorder.ts';

/** What is stored, what is refused, and what stopping leaves behind. */
export function publishContract(withChannel: WithChannel): void {
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

    withChannel(
      'a message over the size is refused, naming size and limit; nobody gets it',
      async (channel) => {
        const seen = createRecorder();
        await channel.subscribe('order.placed', 'mails', seen.handler);
        const large = { ...message('a'), data: new Uint8Array(9_000_000) };
        await expect(channel.publish('order.placed', large)).rejects.toMatchObject({
          code: 'MESSAGE_TOO_LARGE',
          message: expect.stringMatching(/9\d{6} bytes.* \d{6,7}$/),
        });
        await channel.publish('order.placed', message('b'));
        await seen.until(1);
        expect(seen.ids()).toEqual(['b']);
      },
    );

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
