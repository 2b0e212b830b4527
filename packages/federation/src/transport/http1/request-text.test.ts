import { expect, test } from '@jest/globals';
import { requestText } from './request-text.ts';

const post = (headers: string[], body: string) => requestText('host:1', { path: '/a?b', headers, body });

test('a request is one piece of text, its body counted in bytes', () => {
  expect(post(['accept', 'x/y'], '{}')).toBe(
    'POST /a?b HTTP/1.1\r\nhost: host:1\r\nconnection: keep-alive\r\naccept: x/y\r\ncontent-length: 2\r\n\r\n{}',
  );
  const bytes = post(['x-name', 'é'], '{"é":"€"}') as Buffer;
  expect(bytes.toString('latin1')).toContain('x-name: \u00e9\r\ncontent-length: 12\r\n');
  expect(bytes.subarray(-12).toString('utf8')).toBe('{"é":"€"}');
});

test('headers of the connection are its own', () => {
  const given = [
    'Host',
    'evil',
    'Content-Length',
    '0',
    'transfer-encoding',
    'chunked',
    'Connection',
    'close',
  ];
  expect(post(given, '{}')).toBe(post([], '{}'));
});

test.each([
  ['a value that begins another header', 'x', 'a\r\nhost: evil'],
  ['a value with a line feed', 'x', 'a\nb'],
  ['a value that latin1 has no letter for', 'x', '\u{4e0d}\u{010a}'],
  ['a name with a line break', 'x\r\ny', 'a'],
  ['a name with a colon', 'x: y', 'a'],
  ['no name', '', 'a'],
])('%s is refused', (_, name, value) => {
  expect(() => post([name, value], '{}')).toThrow(expect.objectContaining({ code: 'UNSENDABLE' }));
});
