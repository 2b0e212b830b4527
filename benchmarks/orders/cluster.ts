/** The shop as a mesh: NATS with JetStream, Consul, every service a process, all of them on this machine. */
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../../config.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { shopFolder } from '../../scripts/cli/service-files.ts';
import { startCluster } from '../../scripts/cluster/cluster.ts';
import { processStats } from '../load/process-stats.ts';
import type { Amount, ShopRun } from './embedded.ts';
import { createProbe } from './probe.ts';
import { restock, runOrders } from './workload.ts';

/** @param dataDir empty, for databases and streams. */
export async function cluster(dataDir: string, { warmUp, orders, inFlight }: Amount): Promise<ShopRun> {
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    LOG_LEVEL: 'error',
    LOG_FORMAT: 'text',
    DATA_DIR: dataDir,
  };
  const log: string[] = [];
  const mesh = await startCluster({
    ...{ servicesDir: shopFolder, dataDir, replicas: '', port: 0, namespace: '', env },
    ...{ natsUrl: undefined, consulAddress: undefined, signal: AbortSignal.timeout(120_000) },
    output: (node, line) => log.push(`${node} ${line}`),
    event: () => undefined,
  });
  const config = readConfig({
    ...{ NATS_URL: mesh.servers.natsUrl, NATS_MONITORING_URL: mesh.servers.natsMonitoringUrl },
    ...{ CONSUL_HTTP_ADDR: mesh.servers.consulAddress, NODE_ID: 'bench', LOG_LEVEL: 'error' },
  });
  const broker = new ServiceBroker({ ...brokerOptions(config), skipProcessEventRegistration: true });
  const probe = createProbe();
  broker.createService(probe.service);
  try {
    await broker.start();
    await broker.waitForServices(['products', 'inventory', 'orders', 'payments', 'shipping'], 20_000, 20);
    await restock(broker);
    await runOrders(broker, probe, warmUp, { inFlight });
    const before = processStats(process.pid).cpu;
    const full = await runOrders(broker, probe, orders, { inFlight });
    const cpu = (processStats(process.pid).cpu - before) / orders;
    const half = await runOrders(broker, probe, Math.ceil(orders / 2), { rate: full.ordersPerSecond / 2 });
    return { full, half, cpu };
  } catch (error) {
    throw new Error(`the last lines of the nodes:\n${log.slice(-20).join('\n')}`, { cause: error });
  } finally {
    await broker.stop();
    await mesh.stop();
  }
}
