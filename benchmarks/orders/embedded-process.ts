/** The embedded shop in a process of its own, as `npm start` runs it but for the gateway, ordering from itself. */
import { ServiceBroker } from 'moleculer';
import { readConfig } from '../../config.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { findServiceFiles, loadServices, shopFolder } from '../../scripts/cli/service-files.ts';
import { createProbe } from './probe.ts';
import { restock, runOrders } from './workload.ts';

const [warmUp, count, inFlight] = process.argv.slice(2).map(Number) as [number, number, number];
const config = readConfig({ ...process.env, NATS_URL: '', CONSUL_HTTP_ADDR: '' });
const broker = new ServiceBroker({
  ...brokerOptions({ ...config, nodeID: 'embedded' }),
  skipProcessEventRegistration: true,
});
const probe = createProbe();
await loadServices(broker, [...(await findServiceFiles(shopFolder)).values()].flat());
broker.createService(probe.service);
await broker.start();
await restock(broker);
await runOrders(broker, probe, warmUp, { inFlight });
const before = process.cpuUsage();
const full = await runOrders(broker, probe, count, { inFlight });
const { user, system } = process.cpuUsage(before);
const half = await runOrders(broker, probe, Math.ceil(count / 2), { rate: full.ordersPerSecond / 2 });
process.send?.({ full, half, cpu: (user + system) / count });
await broker.stop();
process.exit(0);
