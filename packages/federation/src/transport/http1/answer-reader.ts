import { unreadable, WireError } from '../wire-error.ts';
import { type AnswerHead, parseAnswerHead } from './answer-head.ts';
import { BodyBytes } from './body-bytes.ts';
import { ChunkedBody } from './chunked-body.ts';

/** As Node's own parser has it. */
const MAX_HEAD_BYTES = 16_384;
/** Before the answer that counts; an endless row of them must not pass for one. */
const MAX_INTERIM_ANSWERS = 16;
const NOTHING = Buffer.alloc(0);

/** An answer whose last byte has been read. */
export interface WholeAnswer {
  readonly status: number;
  readonly text: string;
  /** May the connection carry another request? */
  readonly keepAlive: boolean;
  readonly keepAliveMs: number | undefined;
}

/** Reads one answer to a POST, in whatever pieces it comes. Does no I/O. After an error it is of no more use. */
export class AnswerReader {
  readonly #limit: number;
  /** The begin of a head whose end has not come. */
  #begun = NOTHING;
  #interim = 0;
  #head: AnswerHead | undefined;
  #body: BodyBytes | undefined;
  #chunks: ChunkedBody | undefined;
  /** Bytes of a body of known length that have not come. */
  #left = 0;

  /** @param limit bytes of the body. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Reads on.
   *
   * @param bytes of them nothing is kept: the buffer may be filled again.
   * @returns the answer once it is whole. What comes after it is nobody's, and spoils the connection.
   * @throws WireError UNREADABLE, TOO_LARGE
   */
  read(bytes: Buffer): WholeAnswer | undefined {
    if (this.#head) return this.#readBody(this.#head, bytes, 0);
    const all = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes]);
    let at = 0;
    for (;;) {
      const end = all.indexOf('\r\n\r\n', at, 'latin1');
      if ((end < 0 ? all.length : end) - at > MAX_HEAD_BYTES) unreadable('its head is too long');
      if (end < 0) break;
      const head = parseAnswerHead(all.toString('latin1', at, end + 2));
      at = end + 4;
      if (head.status === 101) unreadable('nobody asked to change the protocol');
      if (head.status >= 200) return this.#readBody(this.#begin(head), all, at);
      if (++this.#interim > MAX_INTERIM_ANSWERS) unreadable('too many interim answers');
    }
    this.#begun = Buffer.from(all.subarray(at));
    return undefined;
  }

  /**
   * To be called when no more bytes come.
   *
   * @returns the answer when that is how it ends.
   * @throws WireError CLOSED
   */
  end(): WholeAnswer {
    if (this.#head?.body === 'until close') return this.#whole(this.#head, false);
    throw new WireError('CLOSED', 'the connection was closed before the answer was whole');
  }

  #begin(head: AnswerHead): AnswerHead {
    this.#head = head;
    this.#body = new BodyBytes(this.#limit);
    if (head.body === 'chunked') this.#chunks = new ChunkedBody(this.#body);
    else if (head.body !== 'until close') {
      this.#left = head.body;
      this.#body.expect(head.body);
    }
    return head;
  }

  #readBody(head: AnswerHead, bytes: Buffer, at: number): WholeAnswer | undefined {
    const body = this.#body!;
    let end = -1;
    if (this.#chunks) end = this.#chunks.read(bytes, at);
    else if (head.body === 'until close') body.add(bytes.subarray(at));
    else {
      const stop = Math.min(bytes.length, at + this.#left);
      if (stop > at) body.add(bytes.subarray(at, stop));
      this.#left -= stop - at;
      if (this.#left === 0) end = stop;
    }
    if (end >= 0) return this.#whole(head, end === bytes.length);
    body.keep();
    return undefined;
  }

  #whole({ status, keepAlive, keepAliveMs }: AnswerHead, isLast: boolean): WholeAnswer {
    return { status, text: this.#body!.text(), keepAlive: keepAlive && isLast, keepAliveMs };
  }
}
