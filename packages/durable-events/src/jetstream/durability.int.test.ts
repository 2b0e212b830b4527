import { expect, test } from '@jest/globals';
import { connect } from 'nats';
import { freePort } from '../../../../scripts/infra/child.ts';
import { startNatsServer } from '../../../../scripts/infra/nats.ts';
import { durabilityWarnings } from './durability.ts';

async function warnings(url: string, replicas: number, monitoringUrl?: string): Promise<string[]> {
  const connection = await connect({ servers: url });
  try {
    return await durabilityWarnings(connection, { replicas, monitoringUrl });
  } finally {
    await connection.close();
  }
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

test('fewer replicas than a cluster has servers are warned of', async () => {
  const [monitor, a, b] = [await freePort(), await freePort(), await freePort()];
  const cluster = (own: number, other: number) =>
    `cluster { name: c, listen: "127.0.0.1:${own}", routes: ["nats://127.0.0.1:${other}"] }`;
  await using nats = await startNatsServer({
    jetStream: true,
    config: `server_name: a\nhttp: "127.0.0.1:${monitor}"\n${cluster(a, b)}`,
  });
  await using _other = await startNatsServer({ jetStream: true, config: `server_name: b\n${cluster(b, a)}` });
  const url = `http://127.0.0.1:${monitor}`;
  await expect(warnings(nats.url, 1, url)).resolves.toEqual([expect.stringContaining('set `replicas` to 2')]);
  await expect(warnings(nats.url, 3, url)).resolves.toEqual([]);
});
