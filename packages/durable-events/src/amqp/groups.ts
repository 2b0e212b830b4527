import type { RecoveringChannelModel } from 'amqplib';
import type { DeadLetters, GroupLag, GroupQuery } from '../channel.ts';
import { byName } from '../group-lag.ts';
import type { Names } from './wire.ts';

const NOT_FOUND = 404;

export interface AmqpGroups {
  /** From now on the group is listed, by this process. */
  know(event: string, group: string): void;
  list(query?: GroupQuery): Promise<GroupLag[]>;
  forget(event: string, group: string): Promise<void>;
}

/**
 * AMQP has no way to list queues: a process sees the groups that it has joined, or is asked for by event and name. What a member has in
 * hand is not counted, and nobody tells how old it is.
 */
export function createGroups(
  connection: RecoveringChannelModel,
  names: Names,
  partitions: number,
  deadLetters: DeadLetters,
): AmqpGroups {
  const known = new Map<string, { readonly event: string; readonly group: string }>();
  const queues = (event: string, group: string) =>
    Array.from({ length: partitions }, (_, partition) => names.queue(event, group, partition));

  /** Messages that are ready; undefined when there is no such queue. The refusal ends the AMQP channel it was asked on. */
  const ready = async (queue: string): Promise<number | undefined> => {
    const channel = await connection.createChannel();
    let missing = false;
    channel.on('error', (error: Error & { code?: number }) => {
      missing = error.code === NOT_FOUND;
    });
    try {
      const { messageCount } = await channel.checkQueue(queue);
      await channel.close();
      return messageCount;
    } catch (error) {
      if (missing || (error as { code?: number }).code === NOT_FOUND) return undefined;
      throw error;
    }
  };

  return {
    know: (event, group) => void known.set(`${event} ${group}`, { event, group }),
    async list({ event, group } = {}) {
      const asked = event !== undefined && group !== undefined ? [{ event, group }] : [...known.values()];
      const wanted = asked.filter(
        (one) => (event ?? one.event) === one.event && (group ?? one.group) === one.group,
      );
      if (wanted.length === 0) return [];
      const dead = await deadLetters.list({ limit: Number.MAX_SAFE_INTEGER });
      const lags = wanted.map(async (one): Promise<GroupLag | undefined> => {
        const counts = await Promise.all(queues(one.event, one.group).map(ready));
        if (counts.every((count) => count === undefined)) return undefined;
        const waiting = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
        const own = dead.filter((letter) => letter.event === one.event && letter.group === one.group);
        return { ...one, waiting, oldest: waiting === 0 ? 0 : null, deadLetters: own.length };
      });
      return (await Promise.all(lags)).filter((lag) => lag !== undefined).toSorted(byName);
    },
    async forget(event, group) {
      const channel = await connection.createChannel();
      // Deleting what is not there is no error in RabbitMQ.
      for (const queue of queues(event, group)) await channel.deleteQueue(queue);
      await channel.close();
      known.delete(`${event} ${group}`);
    },
  };
}
