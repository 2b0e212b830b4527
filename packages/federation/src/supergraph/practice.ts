import { compose, type SubgraphInput } from './compose.ts';

const link = (imports: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [${imports}])`;

/** Small, with a bit of everything that composition has code for. */
export const practiceSubgraphs: readonly SubgraphInput[] = [
  {
    name: 'a',
    sdl: `${link('"@key"')} type Query { a: A things: [Thing!]! } interface Thing { id: ID! } enum E { X Y } input I { x: Int = 1 }
      type A implements Thing @key(fields: "id") { id: ID! b(in: I): B! e: E weight: Int } type B @key(fields: "id") { id: ID! }`,
  },
  {
    name: 'b',
    sdl: `${link('"@key", "@external", "@requires", "@shareable"')} union U = A | B
      type A @key(fields: "id") { id: ID! weight: Int @external cost: Int @requires(fields: "weight") }
      type B @key(fields: "id") { id: ID! name: String @shareable others: [U!]! }`,
  },
  {
    name: 'c',
    sdl: `${link('"@key", "@shareable"')} type B @key(fields: "id") { id: ID! name: String @shareable } type Mutation { c(id: ID!): B }`,
  },
].map((subgraph) => ({ ...subgraph, url: `http://${subgraph.name}.invalid/` }));

/** ms. Whoever starts a gateway needs the processor for that first; short-lived threads never get here. */
const PAUSE = 1_000;
const TIMES = 3;

/**
 * Composes for practice, so that Node has compiled the code when the first newcomer comes, which somebody waits for. A task
 * that comes meanwhile waits for one run.
 */
export function practise(times = TIMES): void {
  if (times === 0) return;
  setTimeout(() => {
    compose(practiceSubgraphs);
    practise(times - 1);
  }, PAUSE).unref();
}
