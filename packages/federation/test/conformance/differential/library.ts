/** One small world, served twice: by four subgraphs, and by one plain schema over the same data. */
import { FEDERATION_2, type LocalSubgraph } from '../../support/federate.ts';

interface Author {
  readonly __typename: 'Author';
  readonly id: string;
  readonly name: string | null;
  readonly born: number;
}

interface Book {
  readonly __typename: 'Book';
  readonly id: string;
  readonly isbn: string;
  readonly title: string | null;
  readonly pages: number;
  readonly genre: 'NOVEL' | 'ESSAY' | null;
  readonly author: string | null;
  readonly shelves: ReadonlyArray<ReadonlyArray<string | null> | null>;
}

const author = (id: string, name: string | null, born: number): Author => ({
  __typename: 'Author',
  id,
  name,
  born,
});
const authors = new Map(
  [author('1', 'Ada', 1815), author('2', null, 1900), author('3', 'Cyd', 1950)].map((a) => [a.id, a]),
);

const book = (id: string, rest: Partial<Book>): Book => ({
  __typename: 'Book',
  id,
  isbn: `isbn-${id}`,
  title: `Title ${id}`,
  pages: Number(id) * 100,
  genre: 'NOVEL',
  author: '1',
  shelves: [['a', null], null, []],
  ...rest,
});
const books = new Map(
  [
    book('1', {}),
    book('2', { author: null, genre: null, title: null }),
    book('3', { author: '2', shelves: [['x'], ['y', 'z']] }),
    book('4', { genre: 'ESSAY' }),
  ].map((b) => [b.id, b]),
);
const byIsbn = new Map([...books.values()].map((b) => [b.isbn, b]));

const fail = (what: string): never => {
  throw new Error(what);
};

// The functions below are the fields' meaning; both servings call them.
const authorOf = (b: Book) => (b.author === null ? null : authors.get(b.author)!);
const written = (a: Author, limit = 9) =>
  [...books.values()].filter((b) => b.author === a.id).slice(0, limit);
const rating = (b: Book) => (b.id === '3' ? fail('no rating') : b.id === '4' ? null : Number(b.id) + 1);
const weight = (pages: number, unit: string) => (unit === 'KG' ? pages / 1000 : pages);
const related = (b: Book) => [...books.values()].map((o) => (o.id === b.id ? null : o));
const readers = (a: Author) => (a.id === '2' ? fail('no readers') : a.born * 2);
const all = () => [...books.values(), ...authors.values()];
const find = ({ id }: { id: string }) => books.get(id) ?? authors.get(id) ?? null;

const fields = (__: Record<string, unknown>) => __;

export const subgraphs: Record<string, LocalSubgraph> = {
  catalog: {
    sdl: `${FEDERATION_2}
      type Query { books(limit: Int = 4): [Book!]! book(id: ID!): Book everything: [Item] node(id: ID!): Node }
      interface Node { id: ID! }
      union Item = Book | Author
      enum Genre { NOVEL ESSAY }
      enum Unit { G KG }
      type Book implements Node @key(fields: "id") @key(fields: "isbn") {
        id: ID! isbn: String! title: String pages(unit: Unit = G): Float! genre: Genre author: Author shelves: [[String]] related: [Book]
      }
      type Author implements Node @key(fields: "id") { id: ID! }`,
    resolvers: {
      Query: {
        books: (_: unknown, { limit }: { limit: number }) => [...books.values()].slice(0, limit),
        book: (_: unknown, { id }: { id: string }) => books.get(id) ?? null,
        everything: all,
        node: (_: unknown, args: { id: string }) => find(args),
      },
      Book: {
        __resolveReference: ({ id, isbn }: { id?: string; isbn?: string }) =>
          id ? books.get(id) : byIsbn.get(isbn!),
        author: authorOf,
        related,
        pages: (b: Book, { unit }: { unit: string }) => weight(b.pages, unit),
      },
      Author: { __resolveReference: ({ id }: { id: string }) => authors.get(id) },
    },
  },
  people: {
    sdl: `${FEDERATION_2}
      type Query { authors: [Author] }
      type Author @key(fields: "id") { id: ID! name: String born: Int! }`,
    resolvers: {
      Query: { authors: () => [...authors.values(), null] },
      Author: { __resolveReference: ({ id }: { id: string }) => authors.get(id) },
    },
  },
  reviews: {
    sdl: `${FEDERATION_2}
      enum Unit { G KG }
      type Book @key(fields: "isbn") {
        isbn: String! rating: Int! pages(unit: Unit = G): Float! @external
        postage: Float @requires(fields: "pages(unit: KG)")
        reviewer: Author
      }
      type Author @key(fields: "id") { id: ID! born: Int! @external written(limit: Int): [Book!]! readers: Int @requires(fields: "born") }`,
    resolvers: {
      Book: {
        __resolveReference: ({ isbn, ...rest }: { isbn: string }) => ({ ...byIsbn.get(isbn)!, ...rest }),
        rating,
        postage: (b: { pages: number }) => b.pages * 3,
        reviewer: () => authors.get('3'),
      },
      Author: {
        __resolveReference: ({ id, ...rest }: { id: string }) => ({ ...authors.get(id)!, ...rest }),
        written: (a: Author, { limit }: { limit?: number }) => written(a, limit),
        readers,
      },
    },
  },
};

/** Resolvers of the same fields in one schema. */
export const wholeResolvers: Record<string, Record<string, unknown>> = {
  Query: fields({
    ...subgraphs.catalog!.resolvers!['Query' as never],
    authors: () => [...authors.values(), null],
  }),
  Book: fields({
    author: authorOf,
    related,
    rating,
    pages: (b: Book, { unit }: { unit: string }) => weight(b.pages, unit),
    postage: (b: Book) => weight(b.pages, 'KG') * 3,
    reviewer: () => authors.get('3'),
  }),
  Author: fields({ written: (a: Author, { limit }: { limit?: number }) => written(a, limit), readers }),
};
