/** Nothing lost: the shop as real processes, its orders, and twenty faults of all kinds. */
import { expect, test } from '@jest/globals';
import type { Figures } from '../../../scripts/chaos/report.ts';
import { runScript } from '../../support/command.ts';

const skipped = process.env.SKIP_POSTGRES === '1' && process.env.CI !== 'true';

(skipped ? test.skip : test)(
  'of 300 orders under 20 faults none is lost, doubled, charged twice, oversold or stuck, and the books agree',
  async () => {
    // The seed is one whose pauses hit what fulfils orders, and come early: they are what a run takes long for.
    const args = ['--orders', '300', '--faults', '20', '--seed', '19', '--within', '240', '--json'];
    const replicas = ['--replicas', 'orders=2,payments=2,inventory=2,gateway=2'];
    await using chaos = runScript('chaos', [...args, ...replicas]);
    const code = await chaos.exited;
    const [line = ''] = /^\{.*\}$/m.exec(chaos.output()) ?? [];
    if (code !== 0) throw new Error(chaos.output());
    const { faults, violations, wrongBooks, ...figures } = JSON.parse(line) as Figures;
    expect(new Set(Object.values(violations))).toEqual(new Set([0]));
    expect(wrongBooks).toBe(0);
    // Of every kind there is.
    expect(Object.keys(faults)).toHaveLength(10);
    expect(figures.acknowledged + figures.rejected).toBe(300);
    expect(figures.confirmed + figures.cancelled).toBe(figures.acknowledged);
  },
  600_000,
);
