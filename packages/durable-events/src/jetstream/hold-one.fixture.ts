/** Run as a process: joins group `mails` on the NATS and namespace given, and never ends its first message. */
import { writeSync } from 'node:fs';
import { createJetStreamChannel } from './jetstream-channel.ts';

const [servers = '', namespace = ''] = process.argv.slice(2);
const channel = await createJetStreamChannel({ connection: { servers }, namespace, ackWait: 500 });
await channel.subscribe('order.placed', 'mails', ({ message }) => {
  writeSync(1, message.id);
  return new Promise(() => {});
});
