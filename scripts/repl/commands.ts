/** The mesh's own REPL commands, answered by the gateway's actions. */
import type { ServiceBroker } from 'moleculer';

/** As moleculer-repl takes it (`customCommands`). */
export interface ReplCommand {
  readonly command: string;
  readonly description: string;
  readonly allowUnknownOptions?: boolean;
  /** Replaces the REPL's own parsing of arguments. */
  parse?(command: unknown): void;
  action(broker: ServiceBroker): Promise<void>;
}

interface SupergraphStatus {
  readonly sdl?: string | null;
  readonly subgraphs?: readonly unknown[];
  readonly refused?: readonly unknown[];
}

/**
 * @param line the line being run, as typed: the REPL's parser would take a query's quotes away.
 * @param print receives what a command answers.
 */
export function meshCommands(line: () => string, print: (text: string) => void): ReplCommand[] {
  const json = (value: unknown) => print(JSON.stringify(value, null, 2));
  const rest = () =>
    line()
      .trim()
      .replace(/^\S+\s*/, '')
      // A query in quotes, as a shell would want it.
      .replace(/^(["'])(.*)\1$/s, '$2');
  const status = (broker: ServiceBroker) => broker.call<SupergraphStatus>('gateway.supergraph');
  const withQuery = (
    command: string,
    description: string,
    answer: (result: unknown) => void,
  ): ReplCommand => ({
    command: `${command} [query...]`,
    description,
    allowUnknownOptions: true,
    parse: () => undefined,
    async action(broker) {
      const query = rest();
      if (query === '') return print(`usage: ${command} { topProducts(first: 3) { name } }`);
      answer(await broker.call(`gateway.${command === 'gql' ? 'query' : command}`, { query }));
    },
  });
  return [
    {
      command: 'supergraph',
      description: 'The composed schema that the gateway serves now.',
      async action(broker) {
        const { sdl, ...others } = await status(broker);
        if (sdl) print(sdl);
        else json(others);
      },
    },
    {
      command: 'subgraphs',
      description: 'The subgraphs in it with their hashes and instances, and what was refused and why.',
      async action(broker) {
        const { sdl, ...others } = await status(broker);
        json(others);
      },
    },
    withQuery('gql', 'Runs a GraphQL operation: gql { topProducts(first: 3) { name } }', json),
    withQuery('plan', 'Shows how an operation would be run: plan { me { name } }', (plan) =>
      typeof plan === 'string' ? print(plan) : json(plan),
    ),
  ];
}
