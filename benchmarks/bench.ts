/** `npm run bench [-- --quick] [-- NAME…]`: runs the benchmarks, verified answers only. benchmarks/README.md says how. */
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../scripts/cli/run.ts';
import { edge } from './edge/edge.ts';
import { gatewayNames, load } from './load/load.ts';
import { swap } from './mesh/swap.ts';
import { timeToField } from './mesh/time-to-field.ts';
import { orders } from './orders/orders.ts';
import { machine } from './report.ts';
import { subgraph } from './subgraph/subgraph.ts';

const help = `usage: npm run bench [-- [--quick] [--only GATEWAY,…] [--save] [--json] [NAME…]]

  time-to-field   from a service's start to its first field in an answer
  subgraph        what a call costs the service that answers it
  swap            how long a change of the schema holds up the event loop, at fifty subgraphs
  edge            what the HTTP edge costs beside bare node:http, the engine's answer at hand
  load            this gateway beside others: CPU per query, answers/s, latency
                  (${gatewayNames.join(', ')})
  orders          orders through their whole workflow, embedded and as a mesh

  --quick   short runs, for a first look
  --only    of load: these gateways
  --save    of load and orders: keep table (and chart) in benchmarks
  --json    of orders: figures for a program`;

interface Options {
  readonly quick: boolean;
  readonly only: readonly string[];
  readonly save: boolean;
  readonly json: boolean;
}

const benchmarks: Readonly<Record<string, (options: Options) => Promise<string>>> = {
  'time-to-field': ({ quick }) => timeToField(quick ? 3 : 20),
  subgraph: ({ quick }) => subgraph(quick ? 1_000 : 5_000),
  swap: ({ quick }) => swap(quick ? 3 : 10),
  edge: ({ quick }) => edge(quick ? 2 : 5),
  load,
  orders,
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      save: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const only = values.only.split(',').filter((name) => name !== '');
  const unknown = only.find((name) => !gatewayNames.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`no gateway ${unknown}: there are ${gatewayNames.join(', ')}`);
  // On stderr, so that stdout is all figures.
  console.error(machine());
  for (const name of positionals.length > 0 ? positionals : Object.keys(benchmarks)) {
    const benchmark = benchmarks[name];
    if (!benchmark)
      throw new UsageError(`no benchmark ${name}: there are ${Object.keys(benchmarks).join(', ')}`);
    const { quick, save, json } = values;
    const report = await benchmark({ quick, only, save, json });
    console.log(json ? report : `\n${name}\n${report}`);
  }
  process.exit(0);
});
