/** What the clients ask. Both answers are compared with the whole schema's own (answers.ts) before anything is measured. */

const fragments = `
fragment U on User { id username name }
fragment R on Review { id body }
fragment P on Product { inStock name price shippingEstimate upc weight }`;

/** Through all four subgraphs and back, three times over: users → reviews → product → reviews → author → reviews → product. */
const heavy = `query Heavy {
  users {
    ...U
    reviews { ...R product { ...P reviews { ...R author { ...U reviews { ...R product { ...P } } } } } }
  }
  topProducts {
    ...P
    reviews { ...R author { ...U reviews { ...R product { ...P } } } }
  }
}${fragments}`;

/** One field of one subgraph: the price of the gateway itself. */
const simple = 'query Simple { topProducts { name } }';

export const queries = { heavy, simple };
export type QueryName = keyof typeof queries;
export const queryNames = Object.keys(queries) as QueryName[];
