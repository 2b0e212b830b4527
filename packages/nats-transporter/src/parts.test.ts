import { describe, expect, test } from '@jest/globals';
import { cut, MAX_ANSWER, PartsUnderWay } from './parts.ts';

const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, index) => index % 251));

describe('an answer in parts', () => {
  test.each([1, 743, 744, 745, 5_000])('of %i bytes is put together again, between others', (size) => {
    const underWay = new PartsUnderWay();
    const other = cut(bytes(2_000), 1_000);
    expect(underWay.add(other[0]!.header, other[0]!.data)).toBeUndefined();
    const parts = cut(bytes(size), 1_000);
    const wholes = parts.map(({ header, data }) => underWay.add(header, data));
    expect(wholes.at(-1)).toEqual(bytes(size));
    expect(wholes.slice(0, -1).every((whole) => whole === undefined)).toBe(true);
    expect(
      other
        .slice(1)
        .map(({ header, data }) => underWay.add(header, data))
        .at(-1),
    ).toEqual(bytes(2_000));
  });

  test('is given up when a part is missing, repeated or not of ours', () => {
    const parts = cut(bytes(3_000), 1_000);
    const add = (underWay: PartsUnderWay, order: readonly number[]) =>
      order.map((index) => underWay.add(parts[index]!.header, parts[index]!.data));
    expect(add(new PartsUnderWay(), [0, 2, 3, 4])).not.toContainEqual(expect.anything());
    expect(add(new PartsUnderWay(), [0, 0, 1, 2, 3, 4])).not.toContainEqual(expect.anything());
    expect(add(new PartsUnderWay(), [1, 2, 3, 4])).not.toContainEqual(expect.anything());
    expect(new PartsUnderWay().add('what else', bytes(1))).toBeUndefined();
  });

  test('never takes more than the limit, one alone nor all together', () => {
    const underWay = new PartsUnderWay();
    const half = Buffer.alloc(MAX_ANSWER / 2);
    expect(underWay.add('a 0 3', half)).toBeUndefined();
    expect(underWay.add('a 1 3', half)).toBeUndefined();
    expect(underWay.add('a 2 3', Buffer.from('1'))).toBeUndefined();
    for (let other = 0; other < 9; other++) underWay.add(`b${other} 0 2`, half);
    expect(underWay.add('b0 1 2', Buffer.from('1'))).toBeUndefined();
    expect(underWay.add('b8 1 2', Buffer.from('1'))).toHaveLength(MAX_ANSWER / 2 + 1);
  });
});
