import { ApolloGateway, IntrospectAndCompose } from '@apollo/gateway';
import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { readAnnouncement } from '../protocol.ts';
import { serve } from './fixtures/serve.ts';
import { Subgraph } from './subgraph.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

test("somebody else's gateway composes and queries the subgraphs over HTTP, and stopping does not wait for it", async () => {
  await using served = await serve(
    {
      name: 'products',
      mixins: [
        Subgraph({
          http: true,
          schema: `${link} type Query { top: [Product] } type Product @key(fields: "id") { id: ID! name: String }`,
          resolvers: { Query: { top: () => [{ id: '1', name: 'Chair' }] } },
        }),
      ],
    },
    {
      name: 'reviews',
      mixins: [
        Subgraph({
          http: true,
          schema: `${link} type Product @key(fields: "id") { id: ID! stars: Int }`,
          references: { Product: (references) => references.map(({ id }) => ({ id, stars: 4 })) },
        }),
      ],
    },
  );
  const subgraphs = served.broker.services.flatMap(({ name, metadata }) => {
    const http = readAnnouncement(metadata)?.http;
    return http ? [{ name, url: `http://127.0.0.1:${http.port}${http.path}` }] : [];
  });
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const gateway = new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({ subgraphs }),
    logger: quiet,
  });
  const { executor } = await gateway.load();
  const query = '{ top { name stars } }';
  const document = parse(query);
  // What Apollo Server would hand over, as far as the executor reads it.
  const request = {
    request: { query, http: { headers: new Map() } },
    document,
    operation: document.definitions[0],
    queryHash: 'top',
    context: {},
    metrics: {},
    logger: quiet,
  };
  const result = await executor(request as unknown as Parameters<typeof executor>[0]);
  expect(result).toEqual({ data: { top: [{ name: 'Chair', stars: 4 }] } });
  await gateway.stop();
});
