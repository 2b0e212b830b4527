import type { Cursor } from './cursor.ts';
import type { OpenObject } from './open-object.ts';

/** Objects of one node that were met before nobody looks for twins of the next ones in vain any longer. */
const ENOUGH_STRANGERS = 64;

interface Known {
  /** All of it, as it stands in an answer. */
  readonly text: string;
  readonly object: OpenObject;
}

/**
 * Objects of one node whose text is the same are one object: whatever is fetched for one is true of all. In answers that
 * go around in circles (products → reviews → authors → reviews) most of the text is that of objects read before: it is
 * compared, not read.
 */
export class Twins {
  /** By how their text begins: their leaves, the key of an entity among them. */
  readonly #known = new Map<string, Known>();
  #any = false;

  /** @param read reads the object that begins here; only called when it has no twin. */
  take(cursor: Cursor, beginning: RegExp, read: (cursor: Cursor) => OpenObject): OpenObject {
    if (!this.#any && this.#known.size > ENOUGH_STRANGERS) return read(cursor);
    const start = cursor.at;
    cursor.match(beginning);
    const begin = cursor.text.slice(start, cursor.at);
    const known = this.#known.get(begin);
    cursor.at = start;
    // JSON says where it ends: what goes on with the same text is the same value.
    if (known && cursor.follows(known.text)) {
      this.#any = true;
      known.object.isShared = true;
      return known.object;
    }
    const object = read(cursor);
    if (!known) this.#known.set(begin, { text: cursor.text.slice(start, cursor.at), object });
    return object;
  }
}
