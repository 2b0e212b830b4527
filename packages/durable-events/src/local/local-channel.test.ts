import { expect, test } from '@jest/globals';
import type { Message } from '../channel.ts';
import { createGate, createRecorder } from '../testing/recorder.ts';
import { createLocalChannel } from './local-channel.ts';
import { createMemoryStore } from './memory-store.ts';

const EVENT = 'order.placed';
const message = (id: string, key = id): Message => ({ id, key, headers: {}, data: new Uint8Array(1) });

interface Sync {
  done(): void;
  fail(): void;
}

/** A store whose disk, once it is `slow`, ends each sync when the test says so. */
function createSlowDisk() {
  const begun: Sync[] = [];
  let announced = createGate();
  let slow = false;
  let syncs = 0;
  const store = {
    ...createMemoryStore(),
    async sync() {
      syncs += 1;
      if (!slow) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      begun.push({ done: resolve, fail: () => reject(new Error('I/O error')) });
      announced.open();
      await promise;
    },
  };
  return {
    store,
    syncs: () => syncs,
    become(how: 'slow' | 'fast') {
      slow = how === 'slow';
    },
    /** Resolves when the next one has begun. */
    async next(): Promise<Sync> {
      for (;;) {
        const sync = begun.shift();
        if (sync) return sync;
        announced = createGate();
        await announced.opened;
      }
    },
  };
}

async function open(handled?: Parameters<typeof createRecorder>[0]) {
  const disk = createSlowDisk();
  const channel = createLocalChannel(disk.store);
  const seen = createRecorder(handled);
  const subscription = await channel.subscribe(EVENT, 'mails', seen.handler);
  // Nothing is under way any more, the look for what the new member may find included.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  disk.become('slow');
  return { disk, channel, seen, subscription };
}

test('while the disk syncs nobody is told that a message is stored, and no handler begins', async () => {
  const { disk, channel, seen } = await open();
  const told: string[] = [];
  const published = channel.publish(EVENT, message('a')).then(() => told.push('a'));
  const sync = await disk.next();
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect([told, seen.ids()]).toEqual([[], []]);
  disk.become('fast');
  sync.done();
  await published;
  await seen.until(1);
  expect([told, seen.ids()]).toEqual([['a'], ['a']]);
  await channel.close();
});

test('what comes while the disk syncs is one transaction after it, and is looked at', async () => {
  const { disk, channel, seen } = await open();
  const first = channel.publish(EVENT, message('a'));
  const sync = await disk.next();
  const others = ['b', 'c', 'd'].map((id) => channel.publish(EVENT, message(id)));
  const before = disk.syncs();
  sync.done();
  const second = await disk.next();
  expect(disk.syncs()).toBe(before + 1);
  disk.become('fast');
  second.done();
  await Promise.all([first, ...others]);
  await seen.until(4);
  expect(seen.ids().toSorted()).toEqual(['a', 'b', 'c', 'd']);
  await channel.close();
});

test('a sync that fails is told to the publisher; the message, which may be stored, is handled when the disk is back', async () => {
  const { disk, channel, seen } = await open();
  const published = channel.publish(EVENT, message('a'));
  const refused = expect(published).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' });
  const sync = await disk.next();
  disk.become('fast');
  sync.fail();
  await refused;
  await channel.publish(EVENT, message('a'));
  await seen.until(1);
  expect(seen.ids()).toEqual(['a']);
  await channel.close();
  expect(seen.ids()).toEqual(['a']);
});

test('a member that stops while its message’s attempt is synced handles it, and its stop waits for that', async () => {
  const gate = createGate();
  const { disk, channel, seen, subscription } = await open(() => gate.opened);
  const published = channel.publish(EVENT, message('a'));
  const sync = await disk.next();
  let stopped = false;
  const stopping = subscription.stop().then(() => {
    stopped = true;
  });
  disk.become('fast');
  sync.done();
  await published;
  await seen.until(1);
  expect(stopped).toBe(false);
  gate.open();
  await stopping;
  expect(await channel.groups()).toMatchObject([{ waiting: 0 }]);
  await channel.close();
});

test('a publish that comes as the channel closes is stored or refused, never forgotten', async () => {
  const { disk, channel } = await open();
  const first = channel.publish(EVENT, message('a'));
  const sync = await disk.next();
  const second = channel.publish(EVENT, message('b'));
  const closing = channel.close();
  const third = expect(channel.publish(EVENT, message('c'))).rejects.toMatchObject({
    code: 'CHANNEL_CLOSED',
  });
  disk.become('fast');
  sync.done();
  await Promise.all([first, second, third, closing]);
});
