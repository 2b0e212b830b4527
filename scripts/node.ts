/**
 * One node of the mesh in a process of its own: `node scripts/node.ts orders inventory`, or SERVICES=orders,inventory
 * as containers say it. With an IPC channel it tells its parent when it has started, and stops when the parent is gone.
 */
import { parseArgs } from 'node:util';
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../config.ts';
import { gatewayUrl, localSubgraphs } from './cli/broker-facts.ts';
import { type FromNode, tellParent } from './cli/node-messages.ts';
import { explain, isForPeople, runCommand, UsageError } from './cli/run.ts';
import { filesOf, loadServices, shopFolder } from './cli/service-files.ts';
import { stopOnSignal } from './cli/shutdown.ts';

const help = `usage: node scripts/node.ts [--services-dir DIR] [SERVICE…]
Runs the named services (gateway is one) on one Moleculer node. SERVICES=a,b names them too.
NATS_URL and CONSUL_HTTP_ADDR say which mesh to join; README.md lists all variables.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'services-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const config = readConfig(process.env);
  const named = (process.env.SERVICES ?? '').split(',').map((name) => name.trim());
  const units = [...positionals, ...named].filter((name) => name !== '');
  if (units.length === 0) throw new UsageError('SERVICES takes the services to run, separated by commas');
  const files = await filesOf(units, values['services-dir'] ?? shopFolder);

  const { brokerOptions } = await import('../moleculer.config.ts');
  // The gateway has nothing to do with durable events: it does without JetStream, and without waiting for it.
  const own = units.every((unit) => unit === 'gateway') ? { ...config, events: undefined } : config;
  const broker = new ServiceBroker({ ...brokerOptions(own), skipProcessEventRegistration: true });
  stopOnSignal(() => broker.stop(), { graceMs: config.shutdownTimeout + 5_000 });
  await loadServices(broker, files);
  await broker.start();
  await tellParent({
    type: 'started',
    nodeID: broker.nodeID,
    subgraphs: localSubgraphs(broker),
    url: gatewayUrl(broker),
  } satisfies FromNode);
}

await runCommand(async () => {
  try {
    await main();
  } catch (error) {
    await tellParent({
      type: 'failed',
      reason: explain(error),
      final: isForPeople(error),
    } satisfies FromNode);
    throw error;
  }
});
