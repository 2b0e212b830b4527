import { describe, expect, test } from '@jest/globals';
import { ResponseDelivery } from './response-delivery.ts';
import { ResponseQueue } from './response-queue.ts';

const response = (text: string) => ({ topic: 't', data: Buffer.from(text), since: 0 });
const texts = (queue: ResponseQueue) => queue.takeAll().map((r) => r.data.toString());

describe('the queue', () => {
  test('gives back what it kept, in order, once', () => {
    const queue = new ResponseQueue();
    queue.keep(response('a'));
    queue.keep(response('b'));
    expect(texts(queue)).toEqual(['a', 'b']);
    expect(queue.size).toBe(0);
  });

  test('gives up the oldest over its count, and says how many', () => {
    const queue = new ResponseQueue(2);
    expect(['a', 'b', 'c'].map((t) => queue.keep(response(t)))).toEqual([0, 0, 1]);
    expect(texts(queue)).toEqual(['b', 'c']);
  });

  test('gives up the oldest over its bytes, never the newest', () => {
    const queue = new ResponseQueue(100, 5);
    queue.keep(response('aaa'));
    expect(queue.keep(response('bbbb'))).toBe(1);
    expect(queue.keep(response('c'.repeat(50)))).toBe(1);
    expect(texts(queue)).toEqual(['c'.repeat(50)]);
  });
});

/** A server on which callers listen or not; reports on what nobody heard before it answers a flush. */
function createWire(listening: () => boolean) {
  const heard: string[] = [];
  let unheard: number[] = [];
  let isUp = true;
  let delivery: ResponseDelivery | undefined;
  const lost: number[] = [];
  const wire = {
    heard,
    lost,
    published: 0,
    break: () => {
      isUp = false;
    },
    mend: () => {
      isUp = true;
    },
    publish(_topic: string, data: Buffer, number: number) {
      wire.published++;
      if (!isUp) return;
      if (listening()) heard.push(data.toString());
      else unheard.push(number);
    },
    async flush() {
      for (const number of unheard) delivery?.undelivered(number);
      unheard = [];
      return isUp;
    },
  };
  delivery = new ResponseDelivery(wire, (count) => lost.push(count));
  return { wire, delivery };
}

describe('delivery after a break', () => {
  test('sends what was kept, once, in order', async () => {
    const { wire, delivery } = createWire(() => true);
    delivery.keep('t', Buffer.from('a'));
    delivery.keep('t', Buffer.from('b'));
    void delivery.recover();
    await Promise.resolve();
    delivery.pause();
    expect(wire.heard).toEqual(['a', 'b']);
    expect(wire.published).toBe(2);
  });

  test('sends again what nobody heard, until the caller is back', async () => {
    let asked = 0;
    const { wire, delivery } = createWire(() => ++asked > 3);
    delivery.keep('t', Buffer.from('a'));
    const recovery = delivery.recover();
    while (!wire.heard.length) await new Promise((done) => setTimeout(done, 5));
    delivery.pause();
    await recovery;
    expect(wire.heard).toEqual(['a']);
    expect(wire.published).toBe(4);
  });

  test('keeps everything when the connection breaks again', async () => {
    const { wire, delivery } = createWire(() => true);
    delivery.keep('t', Buffer.from('a'));
    wire.break();
    await delivery.recover();
    expect(wire.heard).toEqual([]);
    wire.mend();
    void delivery.recover();
    await Promise.resolve();
    delivery.pause();
    expect(wire.heard).toEqual(['a']);
    expect(wire.lost).toEqual([]);
  });

  test('is over when paused', () => {
    const { delivery } = createWire(() => true);
    void delivery.recover();
    expect(delivery.recovering).toBe(true);
    delivery.pause();
    expect(delivery.recovering).toBe(false);
  });
});
