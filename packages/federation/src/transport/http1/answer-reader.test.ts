import { describe, expect, test } from '@jest/globals';
import type { WireError } from '../wire-error.ts';
import { AnswerReader, type WholeAnswer } from './answer-reader.ts';

/** What a reader makes of bytes that come so many at a time, in a buffer that is overwritten each time. */
function readIn(step: number, wire: string | Buffer, limit = 1_000, ends = false): WholeAnswer | undefined {
  const bytes = Buffer.from(wire);
  const reader = new AnswerReader(limit);
  const buffer = Buffer.alloc(step);
  for (let at = 0; at < bytes.length; at += step) {
    const size = bytes.copy(buffer, 0, at, at + step);
    const answer = reader.read(buffer.subarray(0, size));
    if (answer) return answer;
    buffer.fill('?');
  }
  return ends ? reader.end() : undefined;
}

const codeOf = (read: () => unknown): string => {
  try {
    return `no error: ${JSON.stringify(read())}`;
  } catch (error) {
    return (error as WireError).code;
  }
};

const LENGTH = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a":"é"}';
const CHUNKS =
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6;x="y"\r\n{"a":"\r\n1\r\n' +
  '\u{c3}\r\n003 \r\n\u{a9}"}\r\n0\r\nx-trailer: 1\r\n\r\n';
const INTERIM = `HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${LENGTH}`;

describe('an answer', () => {
  test.each([
    ['of a length', Buffer.from(LENGTH.replace('9', '10'))],
    ['in chunks that cut a character', Buffer.from(CHUNKS, 'latin1')],
    ['after interim answers', Buffer.from(INTERIM.replace('9', '10'))],
  ])('%s is the same in whatever pieces it comes', (_, wire) => {
    for (let step = 1; step <= wire.length; step++) {
      expect([step, readIn(step, wire)]).toEqual([
        step,
        { status: 200, text: '{"a":"é"}', keepAlive: true, keepAliveMs: undefined },
      ]);
    }
  });

  test('without a length is what came when the connection is closed', () => {
    const wire = 'HTTP/1.1 200 OK\r\n\r\n{"a":1}';
    for (const step of [1, 5, 100])
      expect(readIn(step, wire, 1_000, true)).toMatchObject({ text: '{"a":1}', keepAlive: false });
  });

  test('without a body is whole with its head', () => {
    expect(readIn(100, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')).toMatchObject({ text: '' });
    expect(readIn(100, 'HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, text: '' });
  });

  test('has no byte order mark', () => {
    expect(readIn(100, 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n\ufeff{}')).toMatchObject({ text: '{}' });
  });

  test('spoils its connection when more comes than belongs to it', () => {
    const wire = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n';
    expect(readIn(200, wire)).toMatchObject({ text: '{}', keepAlive: false });
  });

  test.each([
    ['of a length', 'content-length: 11\r\n\r\n'],
    ['in one chunk', 'transfer-encoding: chunked\r\n\r\nb\r\n'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n6\r\n'],
    ['of no length', '\r\nabcdefghijk'],
  ])('%s is not longer than the limit, and not waited for', (_, rest) => {
    for (const step of [1, 7, 300])
      expect(codeOf(() => readIn(step, `HTTP/1.1 200 OK\r\n${rest}`, 10))).toBe('TOO_LARGE');
  });

  test.each([
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4_000)}`],
    ['a line without end', `HTTP/1.1 200 ${'x'.repeat(20_000)}`],
    ['endless interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n'],
    ['a chunk of no number', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\n'],
    [
      'a chunk of a size no number holds',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffff\r\n',
    ],
    [
      'a chunk longer than it said',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
    ],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n'],
    [
      'an extension without end',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${'x'.repeat(5_000)}\r\n`,
    ],
    [
      'endless trailers',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${'x: y\r\n'.repeat(200)}`,
    ],
  ])('is refused for %s', (_, wire) => {
    for (const step of [1_000, 50_000]) expect(codeOf(() => readIn(step, wire))).toBe('UNREADABLE');
  });

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}'],
    ['no last chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n'],
  ])('is not whole when the connection is closed after %s', (_, wire) => {
    expect(codeOf(() => readIn(100, wire, 1_000, true))).toBe('CLOSED');
  });
});
