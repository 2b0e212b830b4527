import { expect, test } from '@jest/globals';
import { describeFault, planFaults } from './plan.ts';

const nodes = ['gateway-1', 'gateway-2', 'orders-1', 'orders-2', 'payments-1'];
const size = { orders: 300, faults: 20, nodes, postgres: true };

test('the same seed plans the same faults, another one others', () => {
  expect(planFaults(7, size)).toEqual(planFaults(7, size));
  expect(planFaults(8, size)).not.toEqual(planFaults(7, size));
});

test('twenty faults are of all kinds, in order, and within the run', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const plan = planFaults(seed, size);
    expect(new Set(plan.map(({ kind }) => kind)).size).toBe(10);
    const times = plan.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((at) => at >= 0 && at < 300)).toBe(true);
  }
});

test('only what is there is disturbed', () => {
  const plan = planFaults(1, { ...size, faults: 200, postgres: false });
  expect(plan.map(({ kind }) => kind)).not.toContain('postgres');
  for (const fault of plan) {
    if (fault.kind === 'kill gateway') expect(fault.node).toMatch(/^gateway-/);
    if (fault.kind === 'kill') expect(fault.node).toMatch(/^(orders|payments)-/);
  }
});

test('a fault reads as a line', () => {
  expect(describeFault({ at: 3, kind: 'pause', node: 'orders-2', ms: 17_300 })).toBe(
    'at 3: pause orders-2 for 17.3 s',
  );
  expect(describeFault({ at: 4, kind: 'fail', service: 'PAYMENTS', ms: 2_000, failPercent: 30 })).toBe(
    'at 4: fail payments 30 % for 2.0 s',
  );
});
