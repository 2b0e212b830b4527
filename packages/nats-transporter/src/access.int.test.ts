import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { makeCertificates } from '../test/certificates.ts';
import { createNode, startNode, until, untilCallable } from '../test/support.ts';
import { worker } from '../test/worker.ts';

interface KeyPair {
  getPublicKey(): string;
  getSeed(): Uint8Array;
}
const nkeys = createRequire(createRequire(import.meta.url).resolve('nats'))('nkeys.js') as {
  createUser(): KeyPair;
};

const withLogin = (url: string, login: string) => url.replace('://', `://${login}@`);

test('a user and a password with escaped characters log in', async () => {
  const password = 'p@ss/w:rd%?#€';
  await using nats = await startNatsServer({
    config: `authorization { user: "us er@x", password: ${JSON.stringify(password)} }`,
  });
  const url = withLogin(nats.url, `${encodeURIComponent('us er@x')}:${encodeURIComponent(password)}`);
  await using node = await startNode('node', url);
  expect(node.broker.transit?.connected).toBe(true);
});

test('a token logs in, in the URL and as an option', async () => {
  await using nats = await startNatsServer({ config: 'authorization { token: "s3cr+t" }' });
  await using inUrl = await startNode('a', withLogin(nats.url, encodeURIComponent('s3cr+t')));
  await using asOption = await startNode('b', { url: nats.url, token: 's3cr+t' });
  expect([inUrl, asOption].map((n) => n.broker.transit?.connected)).toEqual([true, true]);
});

test('an NKey seed logs in', async () => {
  const pair = nkeys.createUser();
  await using nats = await startNatsServer({
    config: `authorization { users: [{ nkey: ${pair.getPublicKey()} }] }`,
  });
  await using node = await startNode('node', { url: nats.url, nkey: Buffer.from(pair.getSeed()).toString() });
  expect(node.broker.transit?.connected).toBe(true);
});

test('a wrong password fails the start, and the message names the user and not the password', async () => {
  await using nats = await startNatsServer({ config: 'authorization { user: "shop", password: "right" }' });
  await using node = createNode('node', withLogin(nats.url, 'shop:wr0ng'));
  const error = await node.start().then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error?.message).toContain("refuses user 'shop'");
  expect(error?.message).not.toContain('wr0ng');
  expect(node.events.map((e) => e.name)).toEqual(['$transporter.error']);
});

for (const disableBalancer of [false, true]) {
  test(`a denied subscription fails the start with the subject's name (disableBalancer: ${disableBalancer})`, async () => {
    await using nats = await startNatsServer({
      config:
        'authorization { users: [{ user: a, password: b, permissions: { subscribe: { deny: "MOL.REQ.>" } } }] }',
    });
    await using node = createNode('node', withLogin(nats.url, 'a:b'), { broker: { disableBalancer } });
    await expect(node.start()).rejects.toThrow("'MOL.REQ.node'");
    expect(node.broker.transit?.tx.connected).toBe(false);
  });
}

test('permissions for the prefix of the namespace suffice', async () => {
  await using nats = await startNatsServer({
    config:
      'authorization { users: [{ user: a, password: b, permissions: { subscribe: "MOL-shop.>", publish: "MOL-shop.>" } }] }',
  });
  const options = { services: [worker(() => undefined)], broker: { namespace: 'shop' } };
  await using server = await startNode('server', withLogin(nats.url, 'a:b'), options);
  await using client = await startNode('client', withLogin(nats.url, 'a:b'), {
    broker: { namespace: 'shop' },
  });
  await untilCallable(client, 'worker.read');
  await expect(client.broker.call('worker.read', { id: '1' })).resolves.toBe('1@server');
  expect(server.events.filter((e) => e.name.includes('error'))).toEqual([]);
});

test('a request to a subject that may not be published to fails at once, naming it', async () => {
  await using nats = await startNatsServer({
    config: `authorization { users: [
      { user: free, password: b },
      { user: bound, password: b, permissions: { publish: { deny: "MOL.REQ.server" } } }
    ] }`,
  });
  await using _server = await startNode('server', withLogin(nats.url, 'free:b'), {
    services: [worker(() => undefined)],
  });
  await using client = await startNode('client', withLogin(nats.url, 'bound:b'));
  await untilCallable(client, 'worker.read');
  const call = client.broker.call('worker.read', { id: '1' }, { timeout: 60_000 });
  await expect(call).rejects.toMatchObject({
    type: 'NATS_PERMISSION_DENIED',
    data: { subject: 'MOL.REQ.server' },
  });
});

test('revoked credentials disconnect with a log line and an event; given back, the node returns', async () => {
  const users = (names: string[]) =>
    `authorization { users: [${names.map((n) => `{ user: ${n}, password: b }`).join(', ')}] }`;
  await using nats = await startNatsServer({ config: users(['node', 'other']) });
  await using node = await startNode('node', withLogin(nats.url, 'node:b'));
  await nats.configure(users(['other']));
  nats.reload();
  await until('the refusal is told', () =>
    node.log.some((line) => line.text.includes('NATS refuses this node')),
  );
  await until(
    'it is disconnected',
    () => !node.broker.transit?.connected && !node.broker.transit?.tx.connected,
  );
  expect(node.events.map((e) => e.name)).toContain('$transporter.error');
  await nats.configure(users(['node', 'other']));
  nats.reload();
  await until('it is back', () => node.broker.transit?.connected === true);
  expect(node.log.filter((line) => line.text.includes('NATS refuses this node'))).toHaveLength(1);
});

for (const [scheme, host, names] of [
  ['tls', 'localhost', ['DNS:localhost']],
  ['nats+tls', '127.0.0.1', ['IP:127.0.0.1']],
] as const) {
  test(`${scheme}://${host} is verified against the authority given`, async () => {
    await using files = await makeCertificates(...names);
    await using nats = await startNatsServer({
      config: `tls { cert_file: "${files.certFile}", key_file: "${files.keyFile}" }`,
    });
    const url = `${scheme}://${host}:${nats.port}`;
    await using node = await startNode('node', { url, tls: { caFile: files.caFile } });
    await using text = await startNode('text', { url, tls: { ca: await readFile(files.caFile, 'utf8') } });
    expect([node, text].map((n) => n.broker.transit?.connected)).toEqual([true, true]);
    await using stranger = createNode('stranger', url);
    await expect(stranger.start()).rejects.toThrow(/^TLS with NATS at/);
  });
}

test('a certificate for another host is refused', async () => {
  await using files = await makeCertificates('DNS:elsewhere.example');
  await using nats = await startNatsServer({
    config: `tls { cert_file: "${files.certFile}", key_file: "${files.keyFile}" }`,
  });
  await using node = createNode('node', {
    url: `tls://localhost:${nats.port}`,
    tls: { caFile: files.caFile },
  });
  await expect(node.start()).rejects.toThrow(/^TLS with NATS at/);
});

test('a client certificate logs in where the server asks for one', async () => {
  await using files = await makeCertificates('DNS:localhost');
  const { caFile, certFile, keyFile } = files;
  await using nats = await startNatsServer({
    config: `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: true }`,
  });
  const url = `tls://localhost:${nats.port}`;
  await using node = await startNode('node', { url, tls: { caFile, certFile, keyFile } });
  expect(node.broker.transit?.connected).toBe(true);
});

test('tls:// does not fall back to a server without TLS', async () => {
  await using nats = await startNatsServer();
  await using node = createNode('node', nats.url.replace('nats:', 'tls:'));
  await expect(node.start()).rejects.toThrow('does not offer');
});

test('a credentials file logs in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'creds-'));
  try {
    const file = join(folder, 'node.creds');
    expect(() => createNode('node', { url: 'nats://127.0.0.1:1', credsFile: file })).toThrow(file);
    const pair = nkeys.createUser();
    const block = (name: string, text: string) =>
      `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n\n`;
    const seed = Buffer.from(pair.getSeed()).toString();
    await writeFile(file, block('NATS USER JWT', 'eyJ0eXAi.e30.x') + block('USER NKEY SEED', seed));
    // Without an operator the server checks the key of the file, and passes over the JWT.
    await using nats = await startNatsServer({
      config: `authorization { users: [{ nkey: ${pair.getPublicKey()} }] }`,
    });
    await using node = await startNode('node', { url: nats.url, credsFile: file });
    expect(node.broker.transit?.connected).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
