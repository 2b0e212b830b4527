/** `npm run cluster`: the mesh as it runs in production, on one machine. */
import { parseArgs, styleText } from 'node:util';
import { readConfig } from '../config.ts';
import { ConfigError } from '../environment.ts';
import { loadConfig } from '../gateway/config.ts';
import { firstQuery } from './cli/first-query.ts';
import { assertPortFree } from './cli/port.ts';
import { runCommand, UsageError } from './cli/run.ts';
import { shopFolder } from './cli/service-files.ts';
import { stopOnSignal } from './cli/shutdown.ts';
import { startCluster } from './cluster/cluster.ts';
import { dataFolder, readState } from './cluster/state-file.ts';

const help = `usage: npm run cluster -- [--replicas orders=3,gateway=2] [--services-dir DIR]

Starts the gateway and every service of services/ on nodes of their own, joined by NATS and Consul.
A node that crashes is started again, so are NATS and Consul; a service file dropped into services/ is started at once.

  --replicas      how many nodes of a service to run (1 each by default)
  --services-dir  a folder of services other than services/
  NATS_URL, CONSUL_HTTP_ADDR   a NATS server and Consul agent to use; those not given are started on free loopback ports
  PORT            of the first gateway (4000), further ones take the next ports; 0 picks free ones
  DATA_DIR        data of services and servers, and cluster.json for npm run repl (.data)
  LOG_LEVEL       of the nodes (warn)`;

const colours = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'red'] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      replicas: { type: 'string', default: '' },
      'services-dir': { type: 'string', default: shopFolder },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const config = readConfig(process.env);
  if (config.nodeID !== undefined) throw new ConfigError('NODE_ID names one node: a cluster names its own');
  const dataDir = dataFolder(process.env);
  const running = await readState(dataDir);
  if (running) {
    throw new UsageError(
      `a cluster is running already (pid ${running.pid}): stop it, or set another DATA_DIR and PORT`,
    );
  }

  const { host, port } = loadConfig(process.env);
  await assertPortFree(host, port);

  const print = nodePrinter();
  const since = performance.now();
  const interrupted = new AbortController();
  const starting = startCluster({
    servicesDir: values['services-dir'],
    dataDir,
    replicas: values.replicas,
    port,
    natsUrl: config.nats?.url,
    consulAddress: config.consul?.address,
    namespace: config.namespace,
    env: {
      ...process.env,
      LOG_FORMAT: process.env.LOG_FORMAT || 'text',
      LOG_LEVEL: process.env.LOG_LEVEL || 'warn',
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
    },
    output: print,
    event: (text, node) => print(node ?? 'cluster', text),
    signal: interrupted.signal,
  });
  stopOnSignal(
    async () => {
      interrupted.abort();
      await (await starting.catch(() => undefined))?.stop();
    },
    { graceMs: 60_000 },
  );
  const cluster = await starting.catch((error: unknown) => {
    if (!interrupted.signal.aborted) throw error;
  });
  if (!cluster) return;

  const [first = ''] = cluster.gateways;
  const lines = [
    `ready in ${((performance.now() - since) / 1_000).toFixed(1)} s`,
    ...cluster.gateways.map((url) => `  GraphQL     ${url}/graphql`),
    `  Playground  ${first}/playground`,
    `  NATS        ${cluster.servers.natsUrl}`,
    `  Consul      ${cluster.servers.consulAddress}`,
    '  REPL        npm run repl',
    '',
    firstQuery(first),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Each node's lines behind its name, in a colour of its own. */
function nodePrinter(): (node: string, line: string) => void {
  const seen = new Map<string, (typeof colours)[number]>();
  return (node, line) => {
    const unit = node.replace(/-\d+$/, '');
    const colour = seen.get(unit) ?? colours[seen.size % colours.length] ?? 'cyan';
    seen.set(unit, colour);
    process.stdout.write(`${styleText(colour, node.padEnd(14), { stream: process.stdout })} | ${line}\n`);
  };
}

await runCommand(main);
