/** Durable events reach a NATS that is locked as the transporter's is: the same settings open both. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import type { Channel, Delivery, Message } from 'moleculer-durable-events';
import type { NatsTransporterOptions } from 'moleculer-nats-transporter';
import { makeCertificates } from '../packages/nats-transporter/test/certificates.ts';
import { startNatsServer } from '../scripts/infra/nats.ts';
import { openChannel } from './event-channel.ts';

/** The NATS client's own dependency: what signs with nkeys also makes them. */
const nkeys = createRequire(createRequire(import.meta.url).resolve('nats'))('nkeys.js') as {
  createUser(): { getPublicKey(): string; getSeed(): Uint8Array };
};
const jetstream = { kind: 'jetstream', replicas: 1, monitoringUrl: undefined } as const;
const silent = { info() {}, warn() {}, error() {} };
const message: Message = { id: 'a', key: 'k', headers: {}, data: new Uint8Array(3) };

async function carries(nats: NatsTransporterOptions): Promise<string> {
  await using channel: Channel = await openChannel(jetstream, nats, '', silent);
  const seen = Promise.withResolvers<Delivery>();
  await channel.subscribe('order.placed', 'mails', async (delivery) => seen.resolve(delivery));
  await channel.publish('order.placed', message);
  return (await seen.promise).message.id;
}

test('over TLS, with a token', async () => {
  await using certificates = await makeCertificates('IP:127.0.0.1');
  const { certFile, keyFile, caFile } = certificates;
  await using server = await startNatsServer({
    jetStream: true,
    config: `tls { cert_file: "${certFile}", key_file: "${keyFile}" }\nauthorization { token: "s3cret" }`,
  });
  const tls = { ca: await readFile(caFile, 'utf8') };
  await expect(carries({ url: server.url, token: 's3cret', tls })).resolves.toBe('a');
});

test('with the seed of an nkey', async () => {
  const user = nkeys.createUser();
  await using server = await startNatsServer({
    jetStream: true,
    config: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`,
  });
  const nkey = new TextDecoder().decode(user.getSeed());
  await expect(carries({ url: server.url, nkey })).resolves.toBe('a');
});
