/**
 * How names become streams, subjects and consumers. Event and group names have no "_", so that "." → "_" keeps them
 * apart and makes them one token.
 *
 *     stream      <namespace>_<event>
 *     subjects    <namespace>.<event>.p.<partition>            published
 *                 <namespace>.<event>.g.<group>.<partition>    replayed to one group
 *     consumer    <group>_<partition>                          filters on its two subjects
 *     dead        <namespace>-dead-letters, <namespace>-dead.<event>.<group>
 */
import { createHash } from 'node:crypto';
import { DurableEventError } from '../errors.ts';

export interface Names {
  readonly deadStream: string;
  stream(event: string): string;
  subjects(event: string): string[];
  published(event: string, partition: number): string;
  replayed(event: string, group: string, partition: number): string;
  consumer(group: string, partition: number): string;
  /** Event out of a stream's name; undefined for one that is not of this namespace. */
  ofStream(stream: string): string | undefined;
  /** Group and partition out of a consumer's name. */
  ofConsumer(consumer: string): { group: string; partition: number };
  dead(event?: string, group?: string): string;
  /** Event and group out of the subject of a dead letter. */
  ofDead(subject: string): { event: string; group: string };
}

export function createNames(namespace: string): Names {
  if (!/^[A-Za-z0-9-]+$/.test(namespace))
    throw new DurableEventError(
      'INVALID_MESSAGE',
      `namespace ${JSON.stringify(namespace)}: letters, digits, "-"`,
    );
  const token = (name: string) => name.replaceAll('.', '_');
  const name = (part: string | undefined) => (part ?? '').replaceAll('_', '.');
  return {
    deadStream: `${namespace}-dead-letters`,
    stream: (event) => `${namespace}_${token(event)}`,
    subjects: (event) => [`${namespace}.${token(event)}.p.*`, `${namespace}.${token(event)}.g.*.*`],
    published: (event, partition) => `${namespace}.${token(event)}.p.${partition}`,
    replayed: (event, group, partition) => `${namespace}.${token(event)}.g.${token(group)}.${partition}`,
    consumer: (group, partition) => `${token(group)}_${partition}`,
    ofStream: (stream) =>
      stream.startsWith(`${namespace}_`) ? name(stream.slice(namespace.length + 1)) : undefined,
    ofConsumer(consumer) {
      const at = consumer.lastIndexOf('_');
      return { group: name(consumer.slice(0, at)), partition: Number(consumer.slice(at + 1)) };
    },
    dead: (event, group) => `${namespace}-dead.${event ? token(event) : '*'}.${group ? token(group) : '*'}`,
    ofDead(subject) {
      const [, event, group] = subject.split('.');
      return { event: name(event), group: name(group) };
    },
  };
}

/** The same key is always in the same partition, whichever process asks. */
export function partitionOf(key: string, partitions: number): number {
  return createHash('sha1').update(key).digest().readUInt32BE() % partitions;
}
