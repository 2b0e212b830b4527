/** The query that a newcomer is shown first, as in the README: one request that five services answer together. */

export const firstQueryText = `{
  topProducts(first: 1) {
    name
    price { amount currency }
    inStock
    shippingEstimate { amount }
    reviews(first: 1) { edges { node { rating author { name } } } }
  }
}`;

const answerShape = `{"data":{"topProducts":[{"name":"…","price":{"amount":…,"currency":"EUR"},"inStock":…,
  "shippingEstimate":{"amount":…},"reviews":{"edges":[{"node":{"rating":…,"author":{"name":"…"}}}]}}]}}`;

/** What to type, and what comes back, for the gateway at `url`. */
export function firstQuery(url: string): string {
  const oneLine = firstQueryText.replace(/\s+/g, ' ');
  return [
    'Try:',
    `  curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `    -d '${JSON.stringify({ query: oneLine })}'`,
    'The answer has this shape:',
    ...answerShape.split('\n').map((line) => `  ${line}`),
  ].join('\n');
}
