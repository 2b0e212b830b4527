/** `npm run differential -- --from 1 --worlds 200 --operations 500`: the differential test for as long as one likes. */
import { parseArgs } from 'node:util';
import { printFinding, search } from './search.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    worlds: { type: 'string', default: '50' },
    operations: { type: 'string', default: '400' },
  },
});
const [from, worlds, operations] = [values.from, values.worlds, values.operations].map(Number);

let compared = 0;
let different = 0;
for (let seed = from!; seed < from! + worlds!; seed++) {
  const found = await search([seed], operations!);
  compared += found.compared;
  for (const finding of found.findings) {
    different++;
    process.stdout.write(`\n${printFinding(finding)}\n`);
  }
}
process.stdout.write(`\n${compared} operations in ${worlds} worlds, ${different} worlds with a difference\n`);
process.exitCode = different === 0 ? 0 : 1;
