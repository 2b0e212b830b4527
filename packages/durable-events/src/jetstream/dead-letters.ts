import type { JetStreamClient, JetStreamManager, StoredMsg } from 'nats';
import type { Reason } from '../attempt.ts';
import type { DeadLetter, DeadLetters, Message } from '../channel.ts';
import { DurableEventError } from '../errors.ts';
import { type Names, partitionOf } from './names.ts';
import { apiCode, type Topology } from './topology.ts';
import { type AckInfo, decode, toHeaders, toMessage } from './wire.ts';

const NO_MESSAGE = 10037;
/** What a dead letter's own headers may add to its message; publishing leaves as much room below the server's limit. */
export const DEAD_LETTER_ROOM = 4_096;
const MAX_REASON = 1_000;

export interface JetStreamDeadLetters extends DeadLetters {
  /** Resolves when the dead letter is stored. The same delivery twice stores one. */
  bury(event: string, group: string, message: Message, info: AckInfo, reason: Reason): Promise<void>;
}

/** Dead letters of all events and groups, in one stream; a dead letter's id is its sequence number there. */
export function createDeadLetters(
  js: JetStreamClient,
  jsm: JetStreamManager,
  names: Names,
  topology: Topology,
): JetStreamDeadLetters {
  const at = async (seq: number, subject: string): Promise<DeadLetter | undefined> => {
    await topology.deadStream();
    // The request has always taken both fields; the client's type for it names only one.
    const query = { seq, next_by_subj: subject };
    try {
      return toDeadLetter(await jsm.streams.getMessage(names.deadStream, query), names);
    } catch (error) {
      if (apiCode(error) === NO_MESSAGE) return undefined;
      throw error;
    }
  };
  const read = async (id: string): Promise<DeadLetter> => {
    const letter = /^[1-9]\d{0,15}$/.test(id) ? await at(Number(id), names.dead()) : undefined;
    if (letter?.id === id) return letter;
    throw new DurableEventError('DEAD_LETTER_NOT_FOUND', `no dead letter ${JSON.stringify(id)}`);
  };
  const discard = async (id: string): Promise<void> => {
    await read(id);
    await jsm.streams.deleteMessage(names.deadStream, Number(id), false);
  };

  return {
    read,
    discard,
    async bury(event, group, message, info, reason) {
      await topology.deadStream();
      const headers = toHeaders(message, `${event}/${group}/${info.streamSeq}`);
      headers.set('dead-letter-code', encodeURIComponent(reason.code).slice(0, 200));
      headers.set(
        'dead-letter-reason',
        encodeURIComponent(reason.message.slice(0, MAX_REASON)).slice(0, 3 * MAX_REASON),
      );
      headers.set('dead-letter-attempts', String(info.deliveryCount));
      await js.publish(names.dead(event, group), message.data, { headers });
    },
    async list({ event, group, after = '0', limit = 100 } = {}) {
      const letters: DeadLetter[] = [];
      let seq = Number(after) + 1;
      while (letters.length < limit) {
        const letter = await at(seq, names.dead(event, group));
        if (!letter) break;
        letters.push(letter);
        seq = Number(letter.id) + 1;
      }
      return letters;
    },
    async replay(id) {
      const { event, group, message } = await read(id);
      const partition = partitionOf(message.key, await topology.partitions(event));
      await js.publish(names.replayed(event, group, partition), message.data, {
        headers: toHeaders(message, `replay/${id}`),
      });
      await discard(id);
    },
  };
}

function toDeadLetter(stored: StoredMsg, names: Names): DeadLetter {
  const header = (name: string) => decode(stored.header?.get(`dead-letter-${name}`));
  return {
    id: String(stored.seq),
    ...names.ofDead(stored.subject),
    message: toMessage(stored.header, stored.data),
    attempts: Number(header('attempts')),
    reason: { code: header('code'), message: header('reason') },
    diedAt: stored.time.getTime(),
  };
}
