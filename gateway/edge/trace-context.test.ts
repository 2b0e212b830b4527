import { describe, expect, test } from '@jest/globals';
import { traceContext } from './trace-context.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

describe('traceContext', () => {
  test.each([
    ['01', '01'],
    ['00', '00'],
    ['03', '01'],
  ])('continues a trace with flags %s as %s, under a span of its own', (flags, kept) => {
    const made = traceContext(`00-${trace}-${span}-${flags}`);

    expect(made.traceId).toBe(trace);
    expect(made.spanId).not.toBe(span);
    expect(made.traceparent).toBe(`00-${trace}-${made.spanId}-${kept}`);
  });

  test('reads a later version that has more fields', () => {
    expect(traceContext(`01-${trace}-${span}-01-more`).traceId).toBe(trace);
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['of upper-case digits', `00-${trace.toUpperCase()}-${span}-01`],
    ['of version ff', `ff-${trace}-${span}-01`],
    ['of version 00 with more fields', `00-${trace}-${span}-01-more`],
    ['of an all-zero trace', `00-${'0'.repeat(32)}-${span}-01`],
    ['of an all-zero parent', `00-${trace}-${'0'.repeat(16)}-01`],
    ['cut short', `00-${trace}-${span}`],
    ['with a line break', `00-${trace}-${span}-01\n`],
  ])('starts a new, sampled trace for a header that is %s', (_, header) => {
    const { traceId, traceparent } = traceContext(header);

    expect(traceId).not.toBe(trace);
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});
