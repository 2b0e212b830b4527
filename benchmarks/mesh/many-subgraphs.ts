/** A mesh of any size: each subgraph owns an entity and extends the entities of two others, as services do. */
export interface ManySubgraph {
  readonly name: string;
  readonly sdl: string;
}

const TYPES = 6;
const FIELDS = 8;

/** @param count of subgraphs. @param version gives the first one another field: a change that has to be composed. */
export function manySubgraphs(count: number, version = 0): readonly ManySubgraph[] {
  return Array.from({ length: count }, (_, index) => {
    const others = [...new Set([(index + 1) % count, (index + 7) % count])].filter(
      (other) => other !== index,
    );
    const types = Array.from({ length: TYPES }, (_, type) => {
      const fields = Array.from({ length: FIELDS }, (_, field) => `  f${field}(first: Int = 10): String!`);
      return `type T${index}x${type} {\n  id: ID!\n${fields.join('\n')}\n  next: T${index}x${(type + 1) % TYPES}\n}`;
    });
    const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])
type Query { e${index}(id: ID!): E${index} all${index}(filter: In${index}): [E${index}!]! }
type E${index} @key(fields: "id") {
  id: ID! name: String! kind: Kind${index}! t: T${index}x0${index === 0 ? ` version${version}: Int` : ''}
${others.map((other) => `  e${other}: E${other}!`).join('\n')}
}
enum Kind${index} { A B C D }
input In${index} { kind: Kind${index} name: String ids: [ID!] }
${others.map((other) => `type E${other} @key(fields: "id") { id: ID! from${index}: [E${index}!]! count${index}: Int! }`).join('\n')}
${types.join('\n')}
`;
    return { name: `s${index}`, sdl };
  });
}
