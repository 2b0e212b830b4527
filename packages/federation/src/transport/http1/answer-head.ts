import { unreadable } from '../wire-error.ts';

/** Status line and fields of an answer, as far as they decide how it is read. */
export interface AnswerHead {
  readonly status: number;
  readonly body: BodyFraming;
  /** May the connection carry another request? */
  readonly keepAlive: boolean;
  /** How long the server keeps an idle connection, in ms, if it says so. */
  readonly keepAliveMs: number | undefined;
}

/** RFC 9112 §6.3: a number of bytes, chunks, or whatever comes until the connection is closed. */
export type BodyFraming = number | 'chunked' | 'until close';

const STATUS_LINE = /HTTP\/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n/y;
/** No line folding, no space before the colon, no bare CR or LF: what servers read differently is how answers are smuggled. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a tab is allowed, other control characters are not
const FIELD = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\u0000-\u0008\u000a-\u001f\u007f]*)\r\n/y;
const DIGITS = /^[0-9]{1,15}$/;
const KEEP_ALIVE_SECONDS = /(?:^|[,;\s])timeout=([0-9]{1,9})(?:$|[,;\s])/i;

/**
 * Reads a head.
 *
 * @param text latin1, from the status line to the line break of the last field.
 * @throws WireError UNREADABLE also where framing is ambiguous, which HTTP would let a recipient repair.
 */
export function parseAnswerHead(text: string): AnswerHead {
  STATUS_LINE.lastIndex = 0;
  const line = STATUS_LINE.exec(text) ?? unreadable('its status line');
  const status = Number(line[2]);
  const isOld = line[1] === '0';
  let length: number | undefined;
  let chunked = false;
  let keepAlive = !isOld;
  let keepAliveMs: number | undefined;

  FIELD.lastIndex = STATUS_LINE.lastIndex;
  while (FIELD.lastIndex < text.length) {
    const field = FIELD.exec(text) ?? unreadable('a field');
    const name = field[1]!;
    switch (name.length) {
      case 10:
        if (/^connection$/i.test(name)) keepAlive = persists(field[2]!, keepAlive);
        else if (/^keep-alive$/i.test(name)) keepAliveMs = secondsOf(field[2]!);
        break;
      case 14:
        if (/^content-length$/i.test(name)) length = lengthOf(field[2]!, length);
        break;
      case 17:
        if (/^transfer-encoding$/i.test(name)) {
          if (chunked || isOld || !/^chunked[ \t]*$/i.test(field[2]!)) unreadable('its transfer-encoding');
          chunked = true;
        }
        break;
    }
  }
  if (chunked && length !== undefined) unreadable('both a length and chunks');
  const bodiless = status < 200 || status === 204 || status === 304;
  const body = bodiless ? 0 : chunked ? 'chunked' : (length ?? 'until close');
  return { status, body, keepAlive: keepAlive && body !== 'until close', keepAliveMs };
}

function persists(value: string, otherwise: boolean): boolean {
  if (/(?:^|[,\s])close(?:$|[,\s])/i.test(value)) return false;
  return /(?:^|[,\s])keep-alive(?:$|[,\s])/i.test(value) || otherwise;
}

function lengthOf(value: string, before: number | undefined): number {
  const digits = value.trimEnd();
  const length = Number(digits);
  if (!DIGITS.test(digits) || (before !== undefined && before !== length)) unreadable('its content-length');
  return length;
}

function secondsOf(value: string): number | undefined {
  const seconds = KEEP_ALIVE_SECONDS.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
