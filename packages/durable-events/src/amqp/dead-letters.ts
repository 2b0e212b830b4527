import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel as AmqpChannel, ConsumeMessage, RecoveringChannelModel } from 'amqplib';
import type { DeadLetter, DeadLetters } from '../channel.ts';
import { DurableEventError } from '../errors.ts';
import { toDeadLetter } from './wire.ts';

const ACCESS_REFUSED = 403;

/** A dead letter's id: later ones sort behind, as long as clocks agree. */
export function newDeadLetterId(now: number): string {
  return `${String(now).padStart(15, '0')}-${randomBytes(4).toString('hex')}`;
}

/**
 * AMQP has no way to read a queue without taking from it: each look takes all messages, alone (an exclusive consumer; others wait),
 * and puts back in place what it does not keep. Fit for the dozens that a healthy system has, not for a million.
 *
 * @param put stores a message for one group; resolves when it is safe.
 */
export function createDeadLetters(
  connection: RecoveringChannelModel,
  queue: string,
  put: (letter: DeadLetter) => Promise<void>,
): DeadLetters {
  const take = async <T>(
    use: (letters: { raw: ConsumeMessage; letter: DeadLetter }[], channel: AmqpChannel) => Promise<T>,
  ) => {
    for (;;) {
      const channel = await connection.createChannel();
      let refused = false;
      channel.on('error', (error: Error & { code?: number }) => {
        refused = error.code === ACCESS_REFUSED;
      });
      try {
        const { messageCount } = await channel.assertQueue(queue, { durable: true });
        const raws = messageCount === 0 ? [] : await takeAll(channel, queue, messageCount);
        const letters = raws.map((raw) => ({ raw, letter: toDeadLetter(raw) }));
        const result = await use(letters, channel);
        channel.nackAll(true);
        await channel.close();
        return result;
      } catch (error) {
        await channel.close().catch(() => {});
        if (!refused) throw error;
        await delay(20);
      }
    }
  };
  const one = <T>(id: string, use: (letter: DeadLetter, ack: () => void) => Promise<T> | T) =>
    take(async (letters, channel) => {
      const found = letters.find(({ letter }) => letter.id === id);
      if (!found)
        throw new DurableEventError('DEAD_LETTER_NOT_FOUND', `no dead letter ${JSON.stringify(id)}`);
      return use(found.letter, () => channel.ack(found.raw));
    });

  return {
    list: ({ event, group, after = '', limit = 100 } = {}) =>
      take(async (letters) =>
        letters
          .map(({ letter }) => letter)
          .filter(
            (letter) => (event ?? letter.event) === letter.event && (group ?? letter.group) === letter.group,
          )
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .filter(({ id }) => id > after)
          .slice(0, limit),
      ),
    read: (id) => one(id, (letter) => letter),
    replay: (id) =>
      one(id, async (letter, ack) => {
        await put(letter);
        ack();
      }),
    discard: (id) => one(id, (_, ack) => ack()),
  };
}

function takeAll(channel: AmqpChannel, queue: string, count: number): Promise<ConsumeMessage[]> {
  return new Promise((resolve, reject) => {
    const taken: ConsumeMessage[] = [];
    const take = (raw: ConsumeMessage | null) => {
      if (raw && taken.push(raw) === count) resolve(taken);
    };
    channel.once('close', () => reject(new Error('the connection closed')));
    channel.consume(queue, take, { exclusive: true }).catch(reject);
  });
}
