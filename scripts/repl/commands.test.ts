import { expect, test } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { meshCommands } from './commands.ts';

/** Runs lines against a broker whose gateway answers what it was asked. */
async function run(...lines: string[]): Promise<string[]> {
  const broker = new ServiceBroker({ logger: false });
  broker.createService({
    name: 'gateway',
    actions: {
      supergraph: () => ({ sdl: 'type Query { a: Int }', generation: 3, subgraphs: [{ name: 'a' }] }),
      query: (ctx) => ({ data: ctx.params }),
      plan: () => 'QueryPlan {}',
    },
  });
  await broker.start();
  const printed: string[] = [];
  let line = '';
  const commands = meshCommands(
    () => line,
    (text) => printed.push(text),
  );
  for (line of lines) {
    const name = line.trim().split(/\s/)[0];
    await commands.find(({ command }) => command.split(' ')[0] === name)?.action(broker);
  }
  await broker.stop();
  return printed;
}

test('gql sends the query as it was typed, quotes and all', async () => {
  const [answer] = await run('  gql { product(id: "p1") { name } }\n');
  expect(JSON.parse(answer ?? '')).toEqual({ data: { query: '{ product(id: "p1") { name } }' } });
});

test('gql takes a whole query in quotes, as a shell would want it', async () => {
  const [answer] = await run(`gql '{ product(id: "p1") { name } }'`);
  expect(JSON.parse(answer ?? '')).toEqual({ data: { query: '{ product(id: "p1") { name } }' } });
});

test('gql and plan without a query say how they are used', async () => {
  expect(await run('gql', 'plan')).toEqual([
    expect.stringMatching(/^usage: gql/),
    expect.stringMatching(/^usage: plan/),
  ]);
});

test('plan prints the plan, supergraph the schema, subgraphs everything but the schema', async () => {
  const [plan, supergraph, subgraphs = ''] = await run('plan { a }', 'supergraph', 'subgraphs');
  expect([plan, supergraph]).toEqual(['QueryPlan {}', 'type Query { a: Int }']);
  expect(JSON.parse(subgraphs)).toEqual({ generation: 3, subgraphs: [{ name: 'a' }] });
});
