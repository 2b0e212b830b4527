/** Run by `startNodeProcess`: one broker on NATS with a service that answers, waits, and says who it is. */
import { setTimeout as delay } from 'node:timers/promises';
import Moleculer from 'moleculer';
import { ConsulDiscoverer, type ConsulDiscovererOptions } from '../src/index.ts';

interface Options {
  readonly nodeID: string;
  readonly nats: string;
  readonly consul: ConsulDiscovererOptions;
}

const options = JSON.parse(process.argv[2] ?? '{}') as Options;
const broker = new Moleculer.ServiceBroker({
  nodeID: options.nodeID,
  namespace: 'test',
  // A URL picks the transporter, which Moleculer's types leave out.
  transporter: options.nats as 'NATS',
  logger: false,
  registry: { discoverer: new ConsulDiscoverer(options.consul), stopDelay: 0 },
});
broker.createService({
  name: 'worker',
  actions: {
    who: () => ({ nodeID: broker.nodeID, instanceID: broker.instanceID }),
    async forever() {
      await broker.broadcast('worker.busy');
      await delay(3_600_000);
    },
  },
});
await broker.start();
process.stdout.write('node started\n');
