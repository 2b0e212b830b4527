/** The right answers, without any federation: graphql-js over one whole schema. */
import { buildSchema, graphql } from 'graphql';
import {
  type Product,
  productByUpc,
  products,
  reviewsBy,
  shippingEstimate,
  type User,
  userById,
  users,
} from './data.ts';
import { type QueryName, queries } from './queries.ts';

const schema = buildSchema(`
  type Query { users: [User!]! topProducts(first: Int = 5): [Product!]! }
  type User { id: ID! name: String! username: String! reviews: [Review!]! }
  type Product { upc: ID! name: String! price: Int! weight: Int! inStock: Boolean! shippingEstimate: Int! reviews: [Review!]! }
  type Review { id: ID! body: String! author: User! product: Product! }
`);

const review = ({ id, body, author, product }: ReturnType<typeof reviewsBy>[number]) => ({
  id,
  body,
  author: () => user(userById.get(author)!),
  product: () => article(productByUpc.get(product)!),
});

const user = (row: User) => ({ ...row, reviews: () => reviewsBy('author', row.id).map(review) });

const article = (row: Product): object => ({
  ...row,
  shippingEstimate: shippingEstimate(row.price, row.weight),
  reviews: () => reviewsBy('product', row.upc).map(review),
});

const rootValue = {
  users: () => users.map(user),
  topProducts: ({ first }: { first: number }) => products.slice(0, first).map(article),
};

/** As JSON, `{"data":…}`. */
export async function rightAnswer(name: QueryName): Promise<string> {
  const { data, errors } = await graphql({ schema, rootValue, source: queries[name] });
  if (errors) throw new Error(`the query ${name} is wrong: ${errors[0]?.message}`);
  return JSON.stringify({ data });
}
