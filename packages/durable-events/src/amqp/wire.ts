/**
 * How events and groups become exchanges and queues, and messages AMQP's.
 *
 *     exchange  <namespace>.<event>                      direct; routing key = partition
 *     queue     <namespace>.<event>/<group>/<partition>  quorum, single active consumer
 *     queue     <namespace>.<event>/partitions            always empty
 *     queue     <namespace>/dead-letters
 */
import { createHash } from 'node:crypto';
import type { Options, Message as Raw } from 'amqplib';
import type { DeadLetter, Message } from '../channel.ts';

export interface Names {
  readonly dead: string;
  exchange(event: string): string;
  /** A queue that only remembers how many partitions the event has. */
  partitions(event: string): string;
  queue(event: string, group: string, partition: number): string;
}

export function createNames(namespace: string): Names {
  return {
    dead: `${namespace}/dead-letters`,
    exchange: (event) => `${namespace}.${event}`,
    partitions: (event) => `${namespace}.${event}/partitions`,
    queue: (event, group, partition) => `${namespace}.${event}/${group}/${partition}`,
  };
}

export function partitionOf(key: string, partitions: number): number {
  return createHash('sha1').update(key).digest().readUInt32BE() % partitions;
}

const ID = 'message-id';
const KEY = 'message-key';
const OWN = /^(x-|dead-letter-|message-(id|key)$)/;

export function toProperties(message: Message): Options.Publish {
  return {
    persistent: true,
    timestamp: Math.floor(Date.now() / 1_000),
    headers: {
      ...message.headers,
      [ID]: encodeURIComponent(message.id),
      [KEY]: encodeURIComponent(message.key),
    },
  };
}

export function toMessage({ content, properties }: Raw): Message {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties.headers ?? {}))
    if (!OWN.test(name)) headers[name] = String(value);
  return { id: header(properties, ID), key: header(properties, KEY), headers, data: new Uint8Array(content) };
}

/** How often the queue has handed out the message before; kept by quorum queues. */
export function deliveriesBefore({ properties }: Raw): number {
  return Number(properties.headers?.['x-delivery-count'] ?? 0);
}

export function toDeadProperties({ message, ...letter }: DeadLetter): Options.Publish {
  const { headers, ...properties } = toProperties(message);
  return {
    ...properties,
    headers: { ...headers, 'dead-letter-entry': encodeURIComponent(JSON.stringify(letter)) },
  };
}

export function toDeadLetter(raw: Raw): DeadLetter {
  const entry = JSON.parse(header(raw.properties, 'dead-letter-entry')) as Omit<DeadLetter, 'message'>;
  return { ...entry, message: toMessage(raw) };
}

function header(properties: Raw['properties'], name: string): string {
  const text = String(properties.headers?.[name] ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
