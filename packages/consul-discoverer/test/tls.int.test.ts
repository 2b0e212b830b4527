import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { startConsulAgent } from '../../../scripts/infra/consul.ts';
import { consulAgent, findProgram } from '../../../scripts/infra/find-program.ts';
import { freePort } from '../../../scripts/infra/free-port.ts';
import { startNode, until } from './mesh.ts';

/** A certificate authority, a server's and a client's certificate, made by Consul itself. */
async function createCertificates() {
  const folder = await mkdtemp(join(tmpdir(), 'consul-tls-'));
  const consul = await findProgram(consulAgent);
  const tls = (...args: string[]) => promisify(execFile)(consul, ['tls', ...args], { cwd: folder });
  await tls('ca', 'create');
  await tls('cert', 'create', '-server', '-dc', 'dc1', '-additional-ipaddress', '127.0.0.1');
  await tls('cert', 'create', '-client', '-dc', 'dc1');
  const file = (name: string) => join(folder, name);
  return {
    ca: file('consul-agent-ca.pem'),
    server: { cert: file('dc1-server-consul-0.pem'), key: file('dc1-server-consul-0-key.pem') },
    client: { cert: file('dc1-client-consul-0.pem'), key: file('dc1-client-consul-0-key.pem') },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test('an agent that demands certificates is reached with a file path or PEM text, and not without', async () => {
  await using certificates = await createCertificates();
  const [http, https, server, lan, wan] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  await using _ = await startConsulAgent({
    port: http,
    config: {
      ports: { http, https, dns: -1, grpc: -1, server, serf_lan: lan, serf_wan: wan },
      ca_file: certificates.ca,
      cert_file: certificates.server.cert,
      key_file: certificates.server.key,
      verify_incoming: true,
    },
  });
  const address = `127.0.0.1:${https}`;
  const { cert, key } = certificates.client;
  const ca = await readFile(certificates.ca, 'utf8');
  await using node = await startNode({ nodeID: 'a', consul: { address, tls: { ca, cert, key } } });
  await until('registered', () => node.discoverer.status().registered);
  await using stranger = await startNode({ nodeID: 'b', consul: { address, tls: { ca } } });
  await until('refused', () => stranger.discoverer.status().error !== undefined);
  expect(stranger.discoverer.status()).toMatchObject({ connected: false, error: { failure: 'unreachable' } });
  await using unsure = await startNode({ nodeID: 'c', consul: { address: `https://${address}` } });
  await until('not trusted', () => unsure.discoverer.status().error !== undefined);
  expect(unsure.discoverer.status().error?.message).toMatch(/certificate/i);
});
