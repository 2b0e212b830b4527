/** The shop that every subgraph of the comparison serves: small, fixed, and sized so that the heavy answer has 86 KB. */

export interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
}

export interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
}

export interface Review {
  readonly id: string;
  readonly body: string;
  readonly author: string;
  readonly product: string;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

export const users: readonly User[] = numbers(6).map((n) => ({
  id: `u${n}`,
  name: `Customer Number ${n}`,
  username: `customer-${n}`,
}));

export const products: readonly Product[] = numbers(9).map((n) => ({
  upc: `p${n}`,
  name: `Product Number ${n}`,
  price: 250 * n,
  weight: 40 * n,
  inStock: n % 3 !== 0,
}));

/** Four by each user, one to four of each product. */
export const reviews: readonly Review[] = numbers(24).map((n) => ({
  id: `r${n}`,
  body: `Review ${n}: it does what it says, and says so plainly.`,
  author: users[(n - 1) % users.length]!.id,
  product: products[(n * 5 + Math.floor((n - 1) / users.length)) % products.length]!.upc,
}));

export const userById = new Map(users.map((user) => [user.id, user]));
export const productByUpc = new Map(products.map((product) => [product.upc, product]));
export const reviewsBy = (field: 'author' | 'product', key: string): Review[] =>
  reviews.filter((review) => review[field] === key);

/** Free above a price; below it by weight. */
export const shippingEstimate = (price: number, weight: number): number =>
  price > 1_000 ? 0 : Math.round(weight / 2);
