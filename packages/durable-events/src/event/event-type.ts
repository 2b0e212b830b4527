import { randomUUID } from 'node:crypto';
import { Ajv } from 'ajv';
import { DurableEventError, PermanentError } from '../errors.ts';
import type { CloudEvent, Identity } from './cloud-event.ts';

/** A JSON Schema (draft 7). */
export type Schema = Readonly<Record<string, unknown>>;

/** Where an event comes from; `originOf(ctx)` makes one out of a Moleculer context. */
export interface Origin {
  readonly source: string;
  readonly user?: Identity;
  readonly traceparent?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
}

/** The publisher's side of an event: its owner defines it once, beside the payload's type. */
export interface EventType<T> {
  readonly type: string;
  readonly version: number;
  /**
   * A new event, with an id of its own unless `id` is given: a publisher that may run twice for one cause gives the same.
   * @throws DurableEventError INVALID_EVENT
   */
  create(data: T, origin: Origin, id?: string): CloudEvent<T>;
}

export interface EventTypeOptions<T> {
  /** Past tense, `order.placed`. */
  readonly type: string;
  /** Raised when a listener of the old one would misread the new one; adding an optional field is not that. */
  readonly version: number;
  readonly schema: Schema;
  /** What stays in order among itself. */
  readonly key: (data: T) => string;
}

// A payload that a stranger sent is read, never changed: no coercion, no defaults.
const ajv = new Ajv({ allErrors: true, strict: false });

export function defineEvent<T>({ type, version, schema, key }: EventTypeOptions<T>): EventType<T> {
  const validate = ajv.compile(schema);
  return {
    type,
    version,
    create(data, origin, id = randomUUID()) {
      if (!validate(data))
        throw new DurableEventError(
          'INVALID_EVENT',
          `${type} version ${version}: ${ajv.errorsText(validate.errors)}`,
        );
      const { correlationId = id } = origin;
      return {
        ...origin,
        id,
        type,
        version,
        key: key(data),
        time: new Date().toISOString(),
        data,
        correlationId,
      };
    },
  };
}

/** The listener's side: the versions it understands, each with the schema of the part that it reads. */
export type Versions = Readonly<Record<number, Schema>>;

/** @returns what refuses an event that the listener cannot read: PermanentError UNKNOWN_EVENT_VERSION or INVALID_EVENT. */
export function createReader(type: string, versions: Versions): (event: CloudEvent) => void {
  const validators = new Map(
    Object.entries(versions).map(([version, schema]) => [Number(version), ajv.compile(schema)]),
  );
  return (event) => {
    if (event.type !== type) throw new PermanentError('INVALID_EVENT', `a ${event.type} among ${type}`);
    const validate = validators.get(event.version);
    if (!validate) {
      const known = [...validators.keys()].join(', ');
      throw new PermanentError('UNKNOWN_EVENT_VERSION', `${type} version ${event.version}; known: ${known}`);
    }
    if (!validate(event.data))
      throw new PermanentError(
        'INVALID_EVENT',
        `${type} version ${event.version}: ${ajv.errorsText(validate.errors)}`,
      );
  };
}
