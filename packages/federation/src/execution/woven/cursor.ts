import { SURPRISE } from '../compiled/leaf-text.ts';
import type { OpenObject, Woven } from './open-object.ts';
import type { Twins } from './twins.ts';

/** The open objects of one running operation, by the number of their node. */
export interface Found {
  /** Each once, in the order in which they came. */
  readonly objects: ReadonlyArray<OpenObject[]>;
  readonly twins: readonly Twins[];
}

/** Where one reads in the text of an answer, and what has been woven out of it since the last hole. */
export class Cursor {
  readonly text: string;
  readonly found: Found;
  at = 0;
  #pieces: Array<string | OpenObject> = [];
  #from = 0;

  constructor(text: string, found: Found) {
    this.text = text;
    this.found = found;
  }

  /** @throws SURPRISE when the pattern, a sticky one, does not match here. */
  match(pattern: RegExp): void {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) throw SURPRISE;
    this.at = pattern.lastIndex;
  }

  /** Does it go on with this? Takes it if so. */
  follows(expected: string): boolean {
    const end = this.at + expected.length;
    // `startsWith` goes character by character, a comparison of two strings word by word: a tenth of the time.
    if (this.text.slice(this.at, end) !== expected) return false;
    this.at = end;
    return true;
  }

  /** @throws SURPRISE when it goes on with anything else. */
  literal(expected: string): void {
    if (!this.follows(expected)) throw SURPRISE;
  }

  /** Takes the next character, a code unit. */
  next(): number {
    return this.text.charCodeAt(this.at++);
  }

  /** What `read` reads, with the holes it left. */
  weave(read: Read): Woven {
    const outside = this.#pieces;
    const from = this.#from;
    this.#pieces = [];
    this.#from = this.at;
    read(this);
    const last = this.text.slice(this.#from, this.at);
    const inside = this.#pieces;
    this.#pieces = outside;
    this.#from = from;
    if (inside.length === 0) return last;
    inside.push(last);
    return inside;
  }

  /** The object stands for what was read since `start`. */
  hole(start: number, object: OpenObject): void {
    this.#pieces.push(this.text.slice(this.#from, start), object);
    this.#from = this.at;
  }
}

/** Reads one value, or throws SURPRISE. */
export type Read = (cursor: Cursor) => void;
