import { expect, test } from '@jest/globals';
import { type ConnectionOptions, connect } from 'nats';
import { freePort } from '../../../../scripts/infra/free-port.ts';
import { startNatsServer } from '../../../../scripts/infra/nats.ts';
import type { Channel } from '../channel.ts';
import { durabilityWarnings } from './durability.ts';
import { createJetStreamChannel } from './jetstream-channel.ts';

async function warnings(url: string, replicas: number, monitoringUrl?: string): Promise<string[]> {
  const connection = await connect({ servers: url });
  try {
    return await durabilityWarnings(connection, { replicas, monitoringUrl });
  } finally {
    await connection.close();
  }
}

function openWhenReady(connection: ConnectionOptions, monitoringUrl: string): Promise<Channel> {
  return createJetStreamChannel({ connection, monitoringUrl, replicas: 2 }).catch(() =>
    openWhenReady(connection, monitoringUrl),
  );
}

test('a server that syncs before it acknowledges gives no warning', async () => {
  const port = await freePort();
  await using nats = await startNatsServer({ jetStream: true, config: `http: "127.0.0.1:${port}"` });
  await expect(warnings(nats.url, 1, `http://127.0.0.1:${port}`)).resolves.toEqual([]);
});

test('a server that acknowledges first is warned of, by the name of the setting', async () => {
  const port = await freePort();
  await using nats = await startNatsServer({ config: `http: "127.0.0.1:${port}"\njetstream: enabled` });
  await expect(warnings(nats.url, 1, `http://127.0.0.1:${port}`)).resolves.toEqual([
    expect.stringContaining('sync_interval: always'),
  ]);
});

test('a server that cannot be asked is warned of too', async () => {
  await using nats = await startNatsServer({ jetStream: true });
  await expect(warnings(nats.url, 1)).resolves.toEqual([expect.stringContaining('monitoringUrl')]);
  await expect(warnings(nats.url, 1, `http://127.0.0.1:${await freePort()}`)).resolves.toEqual([
    expect.stringContaining('does not answer'),
  ]);
});

test('fewer replicas than a cluster has servers are warned of; streams are made with what was asked for', async () => {
  const [monitor, a, b] = [await freePort(), await freePort(), await freePort()];
  const cluster = (own: number, other: number) =>
    `cluster { name: c, listen: "127.0.0.1:${own}", routes: ["nats://127.0.0.1:${other}"] }`;
  await using nats = await startNatsServer({
    jetStream: true,
    config: `server_name: a\nhttp: "127.0.0.1:${monitor}"\n${cluster(a, b)}`,
  });
  await using _other = await startNatsServer({ jetStream: true, config: `server_name: b\n${cluster(b, a)}` });
  const url = `http://127.0.0.1:${monitor}`;
  // Until the two servers have found each other, each knows of itself alone.
  let told: string[] = [];
  while (told.length === 0) told = await warnings(nats.url, 1, url);
  expect(told).toEqual([expect.stringContaining('set `replicas` to 2')]);
  await expect(warnings(nats.url, 3, url)).resolves.toEqual([]);

  const message = { id: 'a', key: 'k', headers: {}, data: new Uint8Array(1) };
  await using channel = await openWhenReady({ servers: nats.url }, url);
  // Until the two servers have chosen a leader, the stream cannot be made.
  const published = (): Promise<void> => channel.publish('order.placed', message).catch(published);
  await published();
  const connection = await connect({ servers: nats.url });
  const { streams } = await connection.jetstreamManager();
  await expect(streams.info('events_order_placed')).resolves.toMatchObject({ config: { num_replicas: 2 } });
  await connection.close();
});
