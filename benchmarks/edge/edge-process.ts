/** `edge-process.ts bare|edge`: one side of the comparison, in a process of its own. Tells its port over IPC. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import { ServiceBroker } from 'moleculer';
import type { FederationGateway } from 'moleculer-federation';
import { readConfig } from '../../config.ts';
import { loadConfig } from '../../gateway/config.ts';
import { createGatewayService } from '../../gateway/gateway.service.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { ANSWER, type EdgeReady } from './messages.ts';

const data = JSON.stringify(JSON.parse(ANSWER).data);

/** No more than HTTP: reads the request, parses it, writes the answer with the headers every answer has. */
async function bare(): Promise<EdgeReady> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const body = `{"data":${data}}`;
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, token: undefined };
}

/** The gateway as it is deployed, its engine in place of which an answer is at hand. */
async function edge(): Promise<EdgeReady> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'EdDSA' };
  const answer = Promise.resolve({ data });
  const engine = {
    start: async () => {},
    stop: async () => {},
    supergraph: { current: undefined },
    execute: async () => ({}),
    executeToText: () => answer,
  } as unknown as FederationGateway;
  const broker = new ServiceBroker({
    ...brokerOptions({ ...readConfig({ LOG_LEVEL: 'warn' }), events: undefined }),
    skipProcessEventRegistration: true,
  });
  broker.createService({ name: 'accounts', actions: { jwks: () => ({ keys: [key] }) } });
  const service = broker.createService(
    createGatewayService({ config: loadConfig({ PORT: '0' }), createEngine: () => engine }),
  );
  await broker.start();
  const token = await new SignJWT({ roles: ['customer'] })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'bench' })
    .setSubject('1')
    .setIssuer('accounts')
    .setAudience('shop')
    .setExpirationTime('1h')
    .sign(privateKey);
  return { port: Number(new URL((service as unknown as { url: string }).url).port), token };
}

process.on('disconnect', () => process.exit(0));
process.send?.(await (process.argv[2] === 'bare' ? bare() : edge()));
