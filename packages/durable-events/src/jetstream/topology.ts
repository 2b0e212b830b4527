import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  millis,
  type NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from 'nats';
import { DurableEventError } from '../errors.ts';
import type { Names } from './names.ts';

const STREAM_NOT_FOUND = 10059;
const STREAM_NAME_IN_USE = 10058;
const CONSUMER_NOT_FOUND = 10014;

/**
 * Streams and consumers, made when they are missing. What exists is taken as it is: an operator's limits and replicas
 * stay, and the number of partitions is the stream's own, so that all processes agree on it whatever they were told.
 */
export interface Topology {
  /** Number of partitions of the event's stream. */
  partitions(event: string): Promise<number>;
  /** Forgets what is known of the event: its stream turned out to be gone. */
  forget(event: string): void;
  /** The group's consumer for one partition; answers how long it waits for an acknowledgement, in ms. */
  consumer(
    event: string,
    group: string,
    partition: number,
    from: 'first' | 'next',
  ): Promise<{ ackWait: number }>;
  deadStream(): Promise<void>;
  /**
   * Frees a consumer whose server ignores acknowledgements of message `seq`, which has been handled. True when it did.
   *
   * Seen with nats-server 2.10.27: a member vanishes in the moment in which a message is sent to it, and no other one
   * waits. The consumer's `delivered` pointer then stands before a message that is pending, and acknowledgements from
   * beyond the pointer are ignored: with one message pending at a time, nothing moves any more. Allowing a second one
   * for a moment lets the server deliver the message once more, which sets the pointer right.
   */
  unstick(event: string, group: string, partition: number, seq: number): Promise<boolean>;
}

export interface TopologyOptions {
  readonly partitions: number;
  readonly replicas: number;
  /** ms */
  readonly ackWait: number;
}

export function createTopology(jsm: JetStreamManager, names: Names, options: TopologyOptions): Topology {
  const known = new Map<string, Promise<number>>();
  let dead: Promise<unknown> | undefined;

  const stream = async (
    name: string,
    subjects: string[],
    metadata: Record<string, string>,
  ): Promise<StreamInfo> => {
    const info = () => jsm.streams.info(name);
    return info().catch((error) => {
      if (apiCode(error) !== STREAM_NOT_FOUND) throw error;
      return jsm.streams
        .add({
          name,
          subjects,
          metadata,
          storage: StorageType.File,
          retention: RetentionPolicy.Limits,
          num_replicas: options.replicas,
          allow_direct: true,
        })
        .catch((again) => {
          // Another process was faster, with another number of partitions.
          if (apiCode(again) === STREAM_NAME_IN_USE) return info();
          throw again;
        });
    });
  };

  return {
    partitions(event) {
      let partitions = known.get(event);
      if (!partitions) {
        partitions = stream(names.stream(event), names.subjects(event), {
          partitions: String(options.partitions),
        }).then(({ config }) => {
          const count = Number(config.metadata?.partitions);
          if (Number.isInteger(count) && count > 0) return count;
          throw new DurableEventError(
            'CHANNEL_UNAVAILABLE',
            `stream ${config.name} was not made by this channel: its metadata has no "partitions"`,
          );
        });
        partitions.catch(() => known.delete(event));
        known.set(event, partitions);
      }
      return partitions;
    },
    forget: (event) => void known.delete(event),
    async consumer(event, group, partition, from) {
      const name = names.consumer(group, partition);
      const found = await jsm.consumers
        .info(names.stream(event), name)
        .catch((error): ConsumerInfo | undefined => {
          if (apiCode(error) === CONSUMER_NOT_FOUND) return undefined;
          throw error;
        });
      const info =
        found ??
        (await jsm.consumers.add(names.stream(event), {
          durable_name: name,
          filter_subjects: [names.published(event, partition), names.replayed(event, group, partition)],
          deliver_policy: from === 'first' ? DeliverPolicy.All : DeliverPolicy.New,
          ack_policy: AckPolicy.Explicit,
          ack_wait: nanos(options.ackWait),
          // One at a time, kept by the server over all members and over retries: this is what the order rests on.
          max_ack_pending: 1,
          max_deliver: -1,
        }));
      // Somebody died in the middle of `unstick`.
      if (info.config.max_ack_pending !== 1)
        await jsm.consumers.update(names.stream(event), name, { max_ack_pending: 1 });
      return { ackWait: millis(info.config.ack_wait ?? nanos(options.ackWait)) };
    },
    async unstick(event, group, partition, seq) {
      const of = [names.stream(event), names.consumer(group, partition)] as const;
      const info = await jsm.consumers.info(...of);
      if (info.delivered.stream_seq >= seq || info.num_ack_pending === 0) return false;
      await jsm.consumers.update(...of, { max_ack_pending: 2 });
      try {
        for (let tries = 0; tries < 50; tries++) {
          if ((await jsm.consumers.info(...of)).delivered.stream_seq >= seq) break;
          await delay(20);
        }
      } finally {
        await jsm.consumers.update(...of, { max_ack_pending: 1 });
      }
      return true;
    },
    async deadStream() {
      dead ??= stream(names.deadStream, [names.dead()], {});
      await dead.catch((error) => {
        dead = undefined;
        throw error;
      });
    },
  };
}

/** The number JetStream gives its errors; undefined for any other. */
export function apiCode(error: unknown): number | undefined {
  return (error as NatsError | undefined)?.api_error?.err_code;
}
