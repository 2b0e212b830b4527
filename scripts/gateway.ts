/**
 * `npm run gateway`: the gateway's node alone. It serves the subgraphs that NATS and Consul show it, and those of
 * SUBGRAPHS_FILE; with neither NATS_URL nor CONSUL_HTTP_ADDR it serves just that file's.
 */
import { parseArgs } from 'node:util';
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../config.ts';
import { loadConfig } from '../gateway/config.ts';
import { gatewayUrl } from './cli/broker-facts.ts';
import { assertPortFree } from './cli/port.ts';
import { runCommand } from './cli/run.ts';
import { gatewayFile, loadServices } from './cli/service-files.ts';
import { stopOnSignal } from './cli/shutdown.ts';

const help = `usage: npm run gateway

Runs the gateway alone, as one node.

  NATS_URL, CONSUL_HTTP_ADDR   the mesh whose subgraphs it serves
  SUBGRAPHS_FILE               JSON file [{"name", "url", "sdl"?}] of plain HTTP subgraphs to serve as well
  PORT, HOST                   to listen on (4000, 127.0.0.1); PORT=0 picks a free one

All variables: README.md.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const config = readConfig(process.env);
  const { host, port } = loadConfig(process.env);
  await assertPortFree(host, port);

  const { brokerOptions } = await import('../moleculer.config.ts');
  const broker = new ServiceBroker({
    ...brokerOptions({ ...config, events: undefined }),
    skipProcessEventRegistration: true,
  });
  stopOnSignal(() => broker.stop(), { graceMs: config.shutdownTimeout + 5_000 });
  await loadServices(broker, [gatewayFile]);
  await broker.start();
  process.stdout.write(`gateway on ${gatewayUrl(broker)}/graphql\n`);
}

await runCommand(main);
