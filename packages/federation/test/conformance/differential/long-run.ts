/** `npm run differential -- --from 1 --worlds 200 --operations 500`: the differential test for as long as one likes. */
import { parseArgs } from 'node:util';
import { type Kind, printFinding } from './search.ts';
import { searchInParallel } from './search-in-parallel.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    worlds: { type: 'string', default: '50' },
    kind: { type: 'string', default: 'whole' },
    operations: { type: 'string', default: '400' },
  },
});
const [from, worlds, operations] = [values.from, values.worlds, values.operations].map(Number);

/** Worlds of one report. */
const BATCH = 50;

let compared = 0;
let different = 0;
for (let first = from!; first < from! + worlds!; first += BATCH) {
  const count = Math.min(BATCH, from! + worlds! - first);
  const seeds = Array.from({ length: count }, (_, index) => first + index);
  const found = await searchInParallel(seeds, operations!, values.kind as Kind);
  compared += found.compared;
  different += found.findings.length;
  for (const finding of found.findings) process.stdout.write(`\n${printFinding(finding)}\n`);
  process.stdout.write(
    `${compared} operations in ${first + count - from!} worlds, ${different} worlds with a difference\n`,
  );
}
process.exitCode = different === 0 ? 0 : 1;
