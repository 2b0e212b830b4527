import { unreadable } from '../wire-error.ts';
import type { BodyBytes } from './body-bytes.ts';

/** Size with extensions, or a trailer; what is longer is no answer of an honest server. */
const MAX_LINE_BYTES = 4_096;
const MAX_TRAILER_LINES = 100;
const SIZE = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/;

const LF = 10;

/** Reads a body in chunks (RFC 9112 §7.1), however they are cut into reads. Extensions and trailers are left out. */
export class ChunkedBody {
  readonly #body: BodyBytes;
  #next: 'size' | 'data' | 'end of data' | 'trailer' = 'size';
  #left = 0;
  /** The begin of a line whose end has not come. */
  #line = '';
  #trailers = 0;

  constructor(body: BodyBytes) {
    this.#body = body;
  }

  /**
   * Reads on from `at`.
   *
   * @returns where the body ends, or -1 when it goes on in the next read.
   * @throws WireError
   */
  read(bytes: Buffer, at: number): number {
    while (at < bytes.length) {
      if (this.#next === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        this.#body.add(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#next = 'end of data';
        continue;
      }
      const end = bytes.indexOf(LF, at);
      const stop = end < 0 ? bytes.length : end;
      if (this.#line.length + stop - at > MAX_LINE_BYTES) unreadable('a line of its chunks');
      this.#line += bytes.toString('latin1', at, stop);
      if (end < 0) return -1;
      at = end + 1;
      if (!this.#line.endsWith('\r')) unreadable('a line of its chunks');
      const line = this.#line.slice(0, -1);
      this.#line = '';
      if (this.#takeLine(line)) return at;
    }
    return -1;
  }

  /** @returns true after the last one. */
  #takeLine(line: string): boolean {
    if (this.#next === 'trailer') {
      if (line === '') return true;
      if (++this.#trailers > MAX_TRAILER_LINES) unreadable('its trailers');
    } else if (this.#next === 'end of data') {
      if (line !== '') unreadable('a chunk longer than it said');
      this.#next = 'size';
    } else {
      this.#left = Number.parseInt((SIZE.exec(line) ?? unreadable('the size of a chunk'))[1]!, 16);
      this.#body.expect(this.#left);
      this.#next = this.#left === 0 ? 'trailer' : 'data';
    }
    return false;
  }
}
