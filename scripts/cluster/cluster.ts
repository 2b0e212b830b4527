/** A whole mesh on one machine: servers, gateways and services, each in a process of its own. */
import { findServiceFiles } from '../cli/service-files.ts';
import { untilComposed } from '../cli/until-composed.ts';
import { freePort } from '../infra/child.ts';
import { type NodeProcess, runNode, type Started } from './node-process.ts';
import { type NodeSpec, parseReplicas, planNodes } from './replicas.ts';
import { type Servers, startServers } from './servers.ts';
import { removeState, writeState } from './state-file.ts';
import { type ServiceWatcher, watchServices } from './watch.ts';

export interface ClusterOptions {
  readonly servicesDir: string;
  readonly dataDir: string;
  /** As the command line has it: `orders=3,gateway=2`. */
  readonly replicas: string;
  /** Of the first gateway; the others take the next ones. 0: any, which it keeps. */
  readonly port: number;
  readonly natsUrl: string | undefined;
  readonly consulAddress: string | undefined;
  /** Starts a PostgreSQL for all stores; they are SQLite files in `dataDir`, or where `env` says, otherwise. */
  readonly postgres?: boolean;
  readonly namespace: string;
  /** Handed to every node; the addresses are added. */
  readonly env: NodeJS.ProcessEnv;
  /** Gives up a start that is under way. */
  readonly signal: AbortSignal;
  /** What a node prints, line by line. */
  output(node: string, line: string): void;
  /** Progress and incidents; `node` is undefined for the cluster itself. */
  event(text: string, node?: string): void;
}

export interface Cluster {
  readonly servers: Servers;
  /** Base URLs of the gateways. */
  readonly gateways: readonly string[];
  /** In the order of their start. */
  readonly nodes: readonly NodeProcess[];
  /** Nodes first (gateways before the services they ask), servers last. */
  stop(): Promise<void>;
}

const GRACE_MS = 20_000;
const PORTS_TO_TRY = 5;

/**
 * Resolves when every node has started and every gateway serves all their subgraphs.
 * @throws UsageError, or UnavailableError when a node's failure is one that no restart mends; nothing is left running.
 * The signal's reason when that is aborted before the cluster is ready; nothing is left running then either.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const shop = [...(await findServiceFiles(options.servicesDir)).keys()];
  const units = [...shop, 'gateway'];
  const specs = planNodes(units, parseReplicas(options.replicas, units), options.port);

  const servers = await startServers(options, options.dataDir, options.event);
  if (servers.own) options.event(`NATS ${servers.natsUrl}, Consul ${servers.consulAddress}`);
  const watching = new AbortController();
  const nodes: NodeProcess[] = [];
  let gateways: string[] = [];

  const start = (spec: NodeSpec): NodeProcess => {
    const node = runNode(spec, {
      args: ['--services-dir', options.servicesDir],
      env: {
        ...options.env,
        SERVICES: '',
        NATS_URL: servers.natsUrl,
        ...(servers.natsMonitoringUrl && { NATS_MONITORING_URL: servers.natsMonitoringUrl }),
        CONSUL_HTTP_ADDR: servers.consulAddress,
        ...(servers.databaseUrl && { DATABASE_URL: servers.databaseUrl }),
        NODE_ID: spec.name,
        ...(spec.port === undefined ? {} : { PORT: String(spec.port) }),
      },
      output: (line) => options.output(spec.name, line),
      event: (text) => {
        options.event(text, spec.name);
        void save();
      },
    });
    nodes.push(node);
    return node;
  };
  /** With port 0 a port that is free now, and that it has again when it is started again: its clients know it. */
  const startGateway = async (spec: NodeSpec): Promise<Started> => {
    for (let tries = 1; ; tries += 1) {
      const node = start(spec.port === 0 ? { ...spec, port: await freePort() } : spec);
      try {
        return await node.started;
      } catch (error) {
        // Between the look and the start somebody else may have taken it.
        if (spec.port !== 0 || tries === PORTS_TO_TRY || options.signal.aborted) throw error;
        nodes.splice(nodes.indexOf(node), 1);
        await node.stop(GRACE_MS);
      }
    }
  };
  const save = () =>
    watching.signal.aborted
      ? Promise.resolve()
      : writeState(options.dataDir, {
          pid: process.pid,
          natsUrl: servers.natsUrl,
          consulAddress: servers.consulAddress,
          namespace: options.namespace,
          gateways,
          nodes: nodes.map((node) => ({ name: node.spec.name, pid: node.pid })),
        });
  const stop = async () => {
    watching.abort();
    const isGateway = (node: NodeProcess) => node.spec.unit === 'gateway';
    await Promise.all(nodes.filter(isGateway).map((node) => node.stop(GRACE_MS)));
    await Promise.all(nodes.filter((node) => !isGateway(node)).map((node) => node.stop(GRACE_MS)));
    await servers.stop();
    await removeState(options.dataDir);
  };

  try {
    options.event(`starting ${specs.map((spec) => spec.name).join(', ')}`);
    const startAll = (wanted: (spec: NodeSpec) => boolean) =>
      untilAborted(Promise.all(specs.filter(wanted).map((spec) => start(spec).started)), options.signal);
    // Gateways last: they compose once what is there, instead of refusing schemas whose other half is yet to come.
    const services = await startAll(({ unit }) => unit !== 'gateway');
    const subgraphs = new Set(services.flatMap((node) => node.subgraphs));
    const starting = specs.filter(({ unit }) => unit === 'gateway').map(startGateway);
    const started = await untilAborted(Promise.all(starting), options.signal);
    gateways = started.flatMap(({ url }) => (url === undefined ? [] : [url]));
    await untilAborted(Promise.all(gateways.map((url) => untilComposed(url, subgraphs))), options.signal);
    await save();
    const watcher: ServiceWatcher = {
      appeared(unit) {
        options.event(`${unit} appeared in ${options.servicesDir}`);
        start({ name: `${unit}-1`, unit });
      },
      changed(unit) {
        for (const node of nodes) if (node.spec.unit === unit) node.retry();
      },
      failed(error) {
        options.event(`new service files go unnoticed from now on: ${error.message}`);
      },
    };
    watchServices(options.servicesDir, shop, watcher, watching.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, gateways, nodes, stop };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}
