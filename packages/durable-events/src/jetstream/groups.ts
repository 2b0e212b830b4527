/** What waits for the groups of a namespace, and how to be rid of one. */
import type { ConsumerInfo, JetStreamManager } from 'nats';
import type { GroupLag, GroupQuery } from '../channel.ts';
import { byName } from '../group-lag.ts';
import type { Names } from './names.ts';
import { apiCode, type Topology } from './topology.ts';

const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const NO_MESSAGE = 10037;

export interface JetStreamGroups {
  list(query?: GroupQuery): Promise<GroupLag[]>;
  forget(event: string, group: string): Promise<void>;
}

export function createGroups(jsm: JetStreamManager, names: Names, topology: Topology): JetStreamGroups {
  /** ms since 1970 of the first message that the consumer has not done with. */
  const since = async (event: string, { stream_name, ack_floor, name }: ConsumerInfo): Promise<number> => {
    const { partition } = names.ofConsumer(name);
    try {
      // The request has always taken both fields; the client's type for it names only one.
      const query = { seq: ack_floor.stream_seq + 1, next_by_subj: names.published(event, partition) };
      return (await jsm.streams.getMessage(stream_name, query)).time.getTime();
    } catch (error) {
      // Only replayed messages wait, which are on another subject and were published just now.
      if (apiCode(error) === NO_MESSAGE) return Date.now();
      throw error;
    }
  };
  const lagOf = async (event: string, group: string, consumers: ConsumerInfo[], dead: number) => {
    const busy = consumers.filter((info) => waitingFor(info) > 0);
    const times = await Promise.all(busy.map((info) => since(event, info)));
    return {
      ...{ event, group, deadLetters: dead },
      waiting: busy.reduce((sum, info) => sum + waitingFor(info), 0),
      oldest: times.length === 0 ? 0 : Math.max(0, Date.now() - Math.min(...times)),
    };
  };
  const deadCounts = async (): Promise<Readonly<Record<string, number>>> => {
    try {
      const { state } = await jsm.streams.info(names.deadStream, { subjects_filter: '>' });
      return state.subjects ?? {};
    } catch (error) {
      if (apiCode(error) === STREAM_NOT_FOUND) return {};
      throw error;
    }
  };

  return {
    async list({ event: wantedEvent, group: wantedGroup } = {}) {
      const dead = await deadCounts();
      const lags: Promise<GroupLag>[] = [];
      for await (const stream of jsm.streams.names()) {
        const event = names.ofStream(stream);
        if (event === undefined || (wantedEvent ?? event) !== event) continue;
        const consumers: ConsumerInfo[] = [];
        for await (const info of jsm.consumers.list(stream)) consumers.push(info);
        for (const [group, own] of Map.groupBy(consumers, ({ name }) => names.ofConsumer(name).group))
          if ((wantedGroup ?? group) === group)
            lags.push(lagOf(event, group, own, dead[names.dead(event, group)] ?? 0));
      }
      return (await Promise.all(lags)).toSorted(byName);
    },
    async forget(event, group) {
      const partitions = await topology.partitions(event);
      const gone = Array.from({ length: partitions }, (_, partition) =>
        jsm.consumers.delete(names.stream(event), names.consumer(group, partition)).catch((error) => {
          if (apiCode(error) !== CONSUMER_NOT_FOUND) throw error;
        }),
      );
      await Promise.all(gone);
    },
  };
}

const waitingFor = ({ num_pending, num_ack_pending }: ConsumerInfo): number => num_pending + num_ack_pending;
