/** A node of its own process: `node replica.ts <node id> <NATS url> <file> [nats]`. Writes the id of each run into the file. */
import { appendFileSync } from 'node:fs';
import { ServiceBroker } from 'moleculer';
import { deadline, NatsTransporter, safeRetry } from '../src/index.ts';
import { worker } from './worker.ts';

const [nodeID, url, file, balancing] = process.argv.slice(2);
if (!nodeID || !url || !file) throw new Error('usage: replica.ts <node id> <NATS url> <file>');

const broker = new ServiceBroker({
  nodeID,
  logger: false,
  transporter: new NatsTransporter(url),
  middlewares: [deadline(), safeRetry()],
  disableBalancer: balancing === 'nats',
  transit: { serviceChangedDebounceTime: 0 } as object,
});
broker.createService(worker((id) => appendFileSync(file, `${id}\n`)));
await broker.start();
process.stdout.write('ready\n');
