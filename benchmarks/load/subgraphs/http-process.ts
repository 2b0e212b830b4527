/**
 * A process with the four subgraphs over HTTP, each on a port of its own. An answer is executed once and remembered by
 * the request's body: what is measured is the gateway in front, not graphql-js behind it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { type LoadSubgraph, resolversOf, subgraphs } from './definitions.ts';
import { type FromSubgraphs, serveCount } from './messages.ts';

let requests = 0;

async function listen(subgraph: LoadSubgraph): Promise<readonly [string, string]> {
  const schema = buildSubgraphSchema({
    typeDefs: parse(subgraph.sdl),
    resolvers: resolversOf(subgraph) as never,
  });
  const remembered = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString('latin1');
      let answer = remembered.get(body);
      if (!answer) {
        const { query, variables, operationName } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        const result = await graphql({ schema, source: query, variableValues: variables, operationName });
        answer = Buffer.from(JSON.stringify(result));
        remembered.set(body, answer);
      }
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
      response.end(answer);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return [subgraph.name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`];
}

const urls = Object.fromEntries(await Promise.all(subgraphs.map(listen)));
serveCount(() => requests);
process.send?.({ type: 'ready', urls } satisfies FromSubgraphs);
