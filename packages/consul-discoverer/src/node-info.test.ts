import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { decodeInfo, encodeInfo, type NodeInfo } from './node-info.ts';

const info = (services: NodeInfo['services'] = []): NodeInfo => ({
  ver: '5',
  sender: 'node-1',
  instanceID: 'i-1',
  seq: 3,
  ipList: ['10.0.0.1'],
  services,
});

test('an INFO comes back as it was, with the hash it was written with', () => {
  const { value, hash } = encodeInfo(info([{ name: 'orders', metadata: { a: 1 } }]));
  expect(decodeInfo(value)).toEqual({ info: info([{ name: 'orders', metadata: { a: 1 } }]), hash });
});

test('an INFO above the limit is refused with its size, the limit and the largest services', () => {
  const noise = (bytes: number) => randomBytes(bytes).toString('base64');
  const services = [
    { name: 'small', metadata: { a: 1 } },
    { name: 'huge', fullName: 'v1.huge', metadata: { blob: noise(500_000) } },
    { name: 'big', metadata: { blob: noise(100_000) } },
  ];
  expect(() => encodeInfo(info(services))).toThrow(
    /INFO of node "node-1" takes \d+ KiB compressed, .* holds 512 KiB: .*Largest: v1\.huge \d+ KiB, big \d+ KiB/,
  );
});

test.each([
  ['no gzip', Buffer.from('{}')],
  ['no JSON', gzipSync('{')],
  ['null', gzipSync('null')],
  ['another object', gzipSync('{"sender":"a"}')],
])('a value that is no INFO is refused: %s', (_, value) => {
  expect(() => decodeInfo(value)).toThrow();
});
