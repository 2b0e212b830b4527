import { expect, test } from '@jest/globals';
import { randomHex } from './random-hex.ts';

test('is as many bytes as were asked for, and never the same twice', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i++) {
    const [long, short] = [randomHex(16), randomHex(8)];
    expect(long).toMatch(/^[0-9a-f]{32}$/);
    expect(short).toMatch(/^[0-9a-f]{16}$/);
    seen.add(long).add(short);
  }
  expect(seen.size).toBe(4_000);
});
