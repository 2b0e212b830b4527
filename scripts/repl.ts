/** `npm run repl`: Moleculer's REPL on a node of its own in the running cluster. */
import { parseArgs } from 'node:util';
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../config.ts';
import { runCommand, UnavailableError } from './cli/run.ts';
import { dataFolder, readState } from './cluster/state-file.ts';
import { runRepl } from './repl/serial-repl.ts';

const help = `usage: npm run repl

Joins the cluster that npm run cluster started (or the mesh of NATS_URL and CONSUL_HTTP_ADDR) with Moleculer's REPL.
Moleculer's commands (nodes, services, call, emit, …; help lists them) and four of ours:

  supergraph   the composed schema
  subgraphs    its parts with their hashes and instances, and what was refused
  gql QUERY    runs an operation: gql { topProducts(first: 3) { name } }
  plan QUERY   shows how it would be run`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LOG_FORMAT: 'text',
    LOG_LEVEL: process.env.LOG_LEVEL || 'warn',
  };
  if (!env.NATS_URL) {
    const cluster = await readState(dataFolder(process.env));
    if (!cluster)
      throw new UnavailableError('no cluster is running: start one with npm run cluster, or set NATS_URL');
    env.NATS_URL = cluster.natsUrl;
    env.CONSUL_HTTP_ADDR = cluster.consulAddress;
    env.NAMESPACE = cluster.namespace;
  }
  env.NODE_ID ||= `repl-${process.pid}`;
  const { brokerOptions } = await import('../moleculer.config.ts');
  const broker = new ServiceBroker({
    ...brokerOptions({ ...readConfig(env), events: undefined }),
    skipProcessEventRegistration: true,
  });
  await broker.start();
  await broker.waitForServices('gateway', 5_000, 20).catch(() => {
    process.stderr.write('no gateway on this mesh yet: supergraph, subgraphs, gql and plan need one\n');
  });
  await runRepl(broker);
  await broker.stop();
  process.exit(0);
}

await runCommand(main);
