/** The four subgraphs, as every gateway of the comparison gets them. */
import {
  type Product,
  productByUpc,
  products,
  type Review,
  reviews,
  reviewsBy,
  shippingEstimate,
  type User,
  userById,
  users,
} from '../workload/data.ts';

export interface LoadSubgraph {
  readonly name: 'accounts' | 'products' | 'inventory' | 'reviews';
  readonly sdl: string;
  readonly resolvers: Readonly<
    Record<string, Readonly<Record<string, (parent: never, args: never) => unknown>>>
  >;
  /** Entities by reference, one for each, in order. */
  readonly references: Readonly<Record<string, (references: readonly never[]) => readonly unknown[]>>;
}

/** Its own line: a Federation 1 gateway gets the rest of the SDL without it. */
export const FEDERATION_2 =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])\n';

const accounts: LoadSubgraph = {
  name: 'accounts',
  sdl: `${FEDERATION_2}
extend type Query { users: [User!]! }
type User @key(fields: "id") { id: ID! name: String! username: String! }
`,
  resolvers: { Query: { users: () => users } },
  references: { User: (references) => references.map(({ id }: User) => userById.get(id)) },
};

const catalogue: LoadSubgraph = {
  name: 'products',
  sdl: `${FEDERATION_2}
extend type Query { topProducts(first: Int = 5): [Product!]! }
type Product @key(fields: "upc") { upc: ID! name: String! price: Int! weight: Int! }
`,
  resolvers: { Query: { topProducts: (_: never, { first }: { first: number }) => products.slice(0, first) } },
  references: { Product: (references) => references.map(({ upc }: Product) => productByUpc.get(upc)) },
};

const inventory: LoadSubgraph = {
  name: 'inventory',
  sdl: `${FEDERATION_2}
extend type Product @key(fields: "upc") {
  upc: ID! @external
  price: Int! @external
  weight: Int! @external
  inStock: Boolean!
  shippingEstimate: Int! @requires(fields: "price weight")
}
`,
  resolvers: {
    Product: { shippingEstimate: ({ price, weight }: Product) => shippingEstimate(price, weight) },
  },
  references: {
    Product: (references) =>
      references.map((given: Product) => ({ ...given, inStock: productByUpc.get(given.upc)?.inStock })),
  },
};

const opinions: LoadSubgraph = {
  name: 'reviews',
  sdl: `${FEDERATION_2}
type Review @key(fields: "id") { id: ID! body: String! author: User! product: Product! }
extend type User @key(fields: "id") { id: ID! @external reviews: [Review!]! }
extend type Product @key(fields: "upc") { upc: ID! @external reviews: [Review!]! }
`,
  resolvers: {
    Review: {
      author: ({ author }: Review) => ({ id: author }),
      product: ({ product }: Review) => ({ upc: product }),
    },
    User: { reviews: ({ id }: User) => reviewsBy('author', id) },
    Product: { reviews: ({ upc }: Product) => reviewsBy('product', upc) },
  },
  references: {
    Review: (references) => references.map(({ id }: Review) => reviews.find((review) => review.id === id)),
    User: (references) => references,
    Product: (references) => references,
  },
};

export const subgraphs: readonly LoadSubgraph[] = [accounts, catalogue, inventory, opinions];

/** Resolvers as @apollo/subgraph takes them: entities one at a time, in `__resolveReference`. */
export function resolversOf({ resolvers, references }: LoadSubgraph): Record<string, object> {
  const types = new Set([...Object.keys(resolvers), ...Object.keys(references)]);
  const merged = [...types].map((type) => {
    const load = references[type] as ((references: readonly unknown[]) => readonly unknown[]) | undefined;
    const reference = load && { __resolveReference: (given: object) => load([given])[0] };
    return [type, { ...resolvers[type], ...reference }] as const;
  });
  return Object.fromEntries(merged);
}
