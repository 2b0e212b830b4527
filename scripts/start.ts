/** `npm start`: gateway and all services in one process, embedded: no NATS, no Consul, SQLite files. */
import { parseArgs } from 'node:util';
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../config.ts';
import { loadConfig } from '../gateway/config.ts';
import { gatewayUrl, localSubgraphs } from './cli/broker-facts.ts';
import { firstQuery } from './cli/first-query.ts';
import { assertPortFree } from './cli/port.ts';
import { runCommand, UnavailableError } from './cli/run.ts';
import { findServiceFiles, gatewayFile, loadServices, shopFolder } from './cli/service-files.ts';
import { stopOnSignal } from './cli/shutdown.ts';
import { untilComposed } from './cli/until-composed.ts';

const help = `usage: npm start

Runs the gateway and every service of services/ in this one process: no NATS, no Consul, data in SQLite files.

  PORT       of the gateway (4000); 0 picks a free one
  HOST       to listen on (127.0.0.1)
  DATA_DIR   where the data are (.data)
  LOG_LEVEL  fatal, error, warn, info, debug or trace (warn)

The same services as a mesh: npm run cluster. All variables: README.md.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return void process.stdout.write(`${help}\n`);
  process.env.LOG_FORMAT ||= 'text';
  process.env.LOG_LEVEL ||= 'warn';
  // Alone in its process, whatever mesh the environment names.
  const config = readConfig({ ...process.env, NATS_URL: '', CONSUL_HTTP_ADDR: '' });
  const { host, port } = loadConfig(process.env);
  await assertPortFree(host, port);

  const { brokerOptions } = await import('../moleculer.config.ts');
  // One name over restarts: the gateway keeps its last supergraph under it.
  const options = brokerOptions({ ...config, nodeID: 'embedded' });
  const broker = new ServiceBroker({ ...options, skipProcessEventRegistration: true });
  stopOnSignal(() => broker.stop(), { graceMs: config.shutdownTimeout + 5_000 });
  const shop = await findServiceFiles(shopFolder);
  await loadServices(broker, [...[...shop.values()].flat(), gatewayFile]);
  await broker.start();

  const url = gatewayUrl(broker);
  if (url === undefined) throw new UnavailableError('the gateway does not listen');
  await untilComposed(url, new Set(localSubgraphs(broker)));
  const lines = [
    `ready in ${process.uptime().toFixed(1)} s`,
    `  GraphQL     ${url}/graphql`,
    `  Playground  ${url}/playground`,
    '',
    firstQuery(url),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

await runCommand(main);
