import type { CompiledPart } from '../compiled/compile-plan.ts';
import { SURPRISE } from '../compiled/leaf-text.ts';
import type { Fill } from './compile-reader.ts';
import type { WovenPart } from './compile-woven.ts';
import type { Cursor, Found } from './cursor.ts';
import type { OpenObject } from './open-object.ts';

/** The representations of one part of a request. */
export interface Asked {
  readonly part: CompiledPart;
  /** JSON of the list's items. */
  readonly text: string;
  /** For each item who waits for it. */
  readonly receivers: ReadonlyArray<readonly Receiver[]>;
}

interface Receiver {
  readonly object: OpenObject;
  readonly fill: Fill;
}

/** Builds the list in one pass; what is known by the same values is asked for once. */
export function askFor({ part, start, keys, places }: WovenPart, { objects }: Found): Asked {
  const receivers: Receiver[][] = [];
  const indexOf = new Map<string, number>();
  let text = '';
  for (const { id, slots, fill } of places) {
    for (const object of objects[id]!) {
      const values = valuesOf(object, slots, keys);
      const known = indexOf.get(values);
      if (known !== undefined) {
        receivers[known]!.push({ object, fill });
        continue;
      }
      indexOf.set(values, receivers.length);
      receivers.push([{ object, fill }]);
      text += `${text === '' ? '' : ','}${start}${keys[0] ?? ''}${values}}`;
    }
  }
  return { part, text, receivers };
}

/** The first value, and all others with their keys: most entities have one, which then is not copied. */
function valuesOf(object: OpenObject, slots: readonly number[], keys: readonly string[]): string {
  let values = '';
  for (let index = 0; index < slots.length; index++) {
    const value = object.values[slots[index]!];
    if (typeof value !== 'string') throw SURPRISE;
    values = index === 0 ? value : values + keys[index]! + value;
  }
  return values;
}

/** Reads the entities of a request's answer into those who wait for them. @throws SURPRISE */
export function takeEntities(cursor: Cursor, asked: readonly Asked[]): void {
  let separator = '{';
  for (const { part, receivers } of asked) {
    cursor.literal(`${separator}"${part.alias}":[`);
    separator = ',';
    for (let index = 0; index < receivers.length; index++) {
      if (index > 0) cursor.literal(',');
      const start = cursor.at;
      for (const { object, fill } of receivers[index]!) {
        // Each reads for itself: they may have different places for the same values.
        cursor.at = start;
        fill(cursor, object);
      }
    }
    cursor.literal(']');
  }
  cursor.literal('}');
}
