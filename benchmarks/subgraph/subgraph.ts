/**
 * What a call costs the service that answers it: the Subgraph mixin beside the usual way to serve one from Moleculer,
 * @apollo/subgraph's schema under graphql-js with its documents parsed and validated once. One process, no network; params
 * and answers go through JSON as they do on the wire.
 */
import { isDeepStrictEqual } from 'node:util';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, execute, parse } from 'graphql';
import { type Context, ServiceBroker, type ServiceSchema } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { readConfig } from '../../config.ts';
import { brokerOptions } from '../../moleculer.config.ts';
import { type LoadSubgraph, resolversOf, subgraphs } from '../load/subgraphs/definitions.ts';
import { products, users } from '../load/workload/data.ts';

interface Case {
  readonly name: string;
  readonly subgraph: LoadSubgraph['name'];
  readonly query: string;
  readonly representations?: readonly object[];
}

const entities = (selection: string): string =>
  `query($representations:[_Any!]!){_entities(representations:$representations){${selection}}}`;

const cases: readonly Case[] = [
  { name: 'a list of 5 names', subgraph: 'products', query: '{topProducts{name}}' },
  {
    name: '24 entities, two fields',
    subgraph: 'inventory',
    query: entities('...on Product{inStock shippingEstimate}'),
    representations: Array.from({ length: 24 }, (_, index) => {
      const { upc, price, weight } = products[index % products.length]!;
      return { __typename: 'Product', upc, price: price + index, weight };
    }),
  },
  {
    name: '6 entities, 24 objects in lists',
    subgraph: 'reviews',
    query: entities('...on User{reviews{id body author{__typename id}product{__typename upc}}}'),
    representations: users.map(({ id }) => ({ __typename: 'User', id })),
  },
];

const ROUNDS = 5;

/** @param calls of each case and way, in each round. */
export async function subgraph(calls: number): Promise<string> {
  const options = brokerOptions({ ...readConfig({ LOG_LEVEL: 'error' }), events: undefined });
  const broker = new ServiceBroker({ ...options, skipProcessEventRegistration: true });
  for (const definition of subgraphs) {
    const { name, sdl, resolvers, references } = definition;
    broker.createService({
      name,
      mixins: [Subgraph({ schema: sdl, resolvers: resolvers as never, references: references as never })],
    });
    broker.createService(usual(definition));
  }
  await broker.start();
  try {
    const lines: string[] = [];
    for (const { name, subgraph, query, representations } of cases) {
      const params = JSON.stringify({ query, ...(representations && { variables: { representations } }) });
      const service = broker.services.find((found) => found.name === subgraph)!;
      const { hash } = (service.metadata as { subgraph: { hash: string } }).subgraph;
      const [mixin, plain] = [`${subgraph}.subgraph.${hash}`, `usual-${subgraph}.query`];
      const answers = await Promise.all([mixin, plain].map((action) => once(broker, action, params)));
      if (!isDeepStrictEqual(JSON.parse(answers[0]!), JSON.parse(answers[1]!)))
        throw new Error(`${name}: ${answers.join(' is not ')}`);
      // In turns, so that what disturbs the machine disturbs both.
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1) {
        ours.push(await cost(broker, mixin, params, calls));
        theirs.push(await cost(broker, plain, params, calls));
      }
      const [a, b] = [Math.min(...ours), Math.min(...theirs)];
      lines.push(`| ${name} | ${Math.round(a)} | ${Math.round(b)} | ${(b / a).toFixed(1)}× |`);
    }
    return [
      '| CPU µs/call (best of 5) | Subgraph mixin | graphql-js | |',
      '|---|--:|--:|--:|',
      ...lines,
    ].join('\n');
  } finally {
    await broker.stop();
  }
}

function usual(definition: LoadSubgraph): ServiceSchema {
  const schema = buildSubgraphSchema({
    typeDefs: parse(definition.sdl),
    resolvers: resolversOf(definition) as never,
  });
  const documents = new Map<string, DocumentNode>();
  return {
    name: `usual-${definition.name}`,
    actions: {
      query(ctx: Context<{ query: string; variables?: Record<string, unknown> }>) {
        const { query, variables } = ctx.params;
        const document = documents.get(query) ?? parse(query);
        documents.set(query, document);
        return execute({ schema, document, variableValues: variables ?? {} });
      },
    },
  };
}

const once = async (broker: ServiceBroker, action: string, params: string): Promise<string> =>
  JSON.stringify(await broker.call(action, JSON.parse(params)));

/** µs of CPU a call, ten in flight. */
async function cost(broker: ServiceBroker, action: string, params: string, calls: number): Promise<number> {
  const begin = process.cpuUsage();
  for (let done = 0; done < calls; done += 10) {
    await Promise.all(Array.from({ length: 10 }, () => once(broker, action, params)));
  }
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / calls;
}
