/** `npm run bench [-- --quick] [-- NAME…]`: runs the benchmarks, verified answers only. benchmarks/README.md says how. */
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../scripts/cli/run.ts';
import { timeToField } from './mesh/time-to-field.ts';
import { machine } from './report.ts';

const benchmarks: Readonly<Record<string, (quick: boolean) => Promise<string>>> = {
  'time-to-field': (quick) => timeToField(quick ? 3 : 20),
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false } },
  });
  console.log(machine());
  for (const name of positionals.length > 0 ? positionals : Object.keys(benchmarks)) {
    const benchmark = benchmarks[name];
    if (!benchmark)
      throw new UsageError(`no benchmark ${name}: there are ${Object.keys(benchmarks).join(', ')}`);
    console.log(`\n${name}\n${await benchmark(values.quick)}`);
  }
  process.exit(0);
});
