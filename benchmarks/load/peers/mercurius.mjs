/** Mercurius's gateway with its just-in-time compiler: `mercurius.mjs PORT SUBGRAPHS`, a JSON list of { name, url, schema }. */
import { readFileSync } from 'node:fs';
import mercurius from '@mercuriusjs/gateway';
import fastify from 'fastify';

const [port, subgraphs] = process.argv.slice(2);
const services = JSON.parse(readFileSync(subgraphs, 'utf8')).map((service) => ({
  ...service,
  mandatory: true,
}));
const app = fastify();
await app.register(mercurius, { jit: 1, gateway: { services } });
await app.listen({ port: Number(port), host: '127.0.0.1' });
