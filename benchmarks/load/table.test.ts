import { expect, test } from '@jest/globals';
import { chart } from './chart.ts';
import type { Gateway } from './gateways/gateway.ts';
import type { Sample } from './measure.ts';
import { cpuPerQuery, type Measured, table } from './table.ts';

const sample = (cpu: number, answers: number): Sample => ({
  answers,
  cpu,
  seconds: 2,
  p50: 1,
  p99: 2,
  subgraphRequests: 6,
  memory: 100,
  wrong: 0,
  example: undefined,
});

const row = (gateway: Partial<Gateway>, samples: Sample[], fault?: string): Measured => ({
  running: {
    gateway: {
      name: 'x',
      label: 'x',
      sharing: 'off',
      kind: 'peer',
      transport: 'http',
      packages: [],
      prepare: () => Promise.reject(),
      ...gateway,
    },
    pid: 0,
    port: 0,
    faults: fault === undefined ? {} : { heavy: fault },
    output: () => '',
    [Symbol.asyncDispose]: async () => undefined,
  },
  busy: { heavy: samples, simple: [] },
  alone: { heavy: [], simple: [] },
});

test('the time of a query is that of all rounds together, so that a short round weighs less', () => {
  expect(cpuPerQuery([sample(1_000, 100), sample(1_000, 300)])).toBe(5);
  expect(cpuPerQuery([])).toBeUndefined();
});

test('gateways stand in the order of their cost, beside Apollo, and a wrong one says why', () => {
  const text = table([
    row({ name: 'apollo', label: 'Apollo' }, [sample(10_000, 10)]),
    row({ label: 'broken' }, [], 'data.users is null, not []'),
    row({ label: 'ours', kind: 'ours' }, [sample(1_000, 10), sample(3_000, 10)]),
  ]);
  const lines = text
    .split('\n')
    .filter((line) => /^\| (Apollo|broken|ours) /.test(line))
    .slice(0, 3);
  expect(lines[0]).toMatch(/^\| ours \| off \| 200 \| 100–300 \| 5\.0× \| 5 \|/);
  expect(lines[1]).toMatch(/^\| Apollo \| off \| 1,000 \| {2}\| 1\.0× \|/);
  expect(lines[2]).toContain('data.users is null, not []');
});

test('the chart shows what shares nothing, each bar in proportion', () => {
  const svg = chart([
    row({ label: 'a & b' }, [sample(1_000, 10)]),
    row({ label: 'shares', sharing: 'whole requests' }, [sample(10, 10)]),
    row({ label: 'half' }, [sample(500, 10)]),
  ]);
  expect(svg).not.toContain('shares<');
  expect(svg).toContain('a &#38; b');
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
  expect(widths).toEqual([225, 450]);
});
