import { describe, expect, test } from '@jest/globals';
import { WireError } from '../wire-error.ts';
import { parseAnswerHead } from './answer-head.ts';

const head = (...fields: string[]) => parseAnswerHead(['HTTP/1.1 200 OK', ...fields, ''].join('\r\n'));

describe('the head of an answer', () => {
  test.each([
    ['a length', ['Content-Length: 12'], { body: 12, keepAlive: true }],
    ['the same length twice', ['content-length: 12', 'content-length: 12 '], { body: 12 }],
    ['chunks', ['transfer-encoding: Chunked'], { body: 'chunked', keepAlive: true }],
    ['neither, to the end of the connection', [], { body: 'until close', keepAlive: false }],
    ['the end of the connection', ['content-length: 1', 'Connection: x, Close'], { keepAlive: false }],
    ['how long it is kept', ['content-length: 1', 'keep-alive: timeout=5, max=9'], { keepAliveMs: 5_000 }],
    ['fields nobody needs', ['x: ', 'content-length: 1', 'set-cookie: a=b; c="é"'], { body: 1 }],
  ])('says %s', (_, fields, expected) => {
    expect(head(...fields)).toMatchObject({ status: 200, ...expected });
  });

  test('of HTTP/1.0 ends the connection unless it says otherwise', () => {
    expect(parseAnswerHead('HTTP/1.0 200\r\ncontent-length: 1\r\n')).toMatchObject({ keepAlive: false });
    expect(
      parseAnswerHead('HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n'),
    ).toMatchObject({ keepAlive: true });
  });

  test.each([204, 304, 103])('of status %d has no body, whatever it says', (status) => {
    expect(parseAnswerHead(`HTTP/1.1 ${status} X\r\ncontent-length: 7\r\n`)).toMatchObject({
      status,
      body: 0,
    });
  });

  test.each([
    ['another protocol', 'HTTP/2 200 OK\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n'],
    ['a status out of range', 'HTTP/1.1 600 X\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n'],
    ['two lengths in one field', 'HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n'],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\ncontent-length: +1\r\n'],
    ['a length in hex', 'HTTP/1.1 200 OK\r\ncontent-length: 0x1\r\n'],
    ['no length where one should be', 'HTTP/1.1 200 OK\r\ncontent-length: \r\n'],
    ['a length no number holds', `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(20)}\r\n`],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n'],
    ['a coding nobody asked for', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n'],
    ['chunks of chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 1\r\n'],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nx: a\ncontent-length: 1\r\n'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nx: a\rcontent-length: 1\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nx: a\u0000\r\n'],
    ['a field without a name', 'HTTP/1.1 200 OK\r\n: a\r\n'],
  ])('is refused with %s', (_, text) => {
    expect(() => parseAnswerHead(text)).toThrow(WireError);
  });
});
