/**
 * Pages of a list by the Relay connection specification (https://relay.dev/graphql/connections.htm).
 *
 * Lists are ordered by (createdAt, id). A cursor is that pair, so a page starts at the right place however many rows
 * were added or removed since, and reading page 1,000 costs what page 1 does.
 */
import { shopError } from './errors.ts';

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** fastest-validator rules of PageArgs, to spread into an action's params. Ranges are checked by `toPage`. */
export const pageParams = {
  first: { type: 'number', integer: true, optional: true, nullable: true },
  after: { type: 'string', max: 200, optional: true, nullable: true },
  last: { type: 'number', integer: true, optional: true, nullable: true },
  before: { type: 'string', max: 200, optional: true, nullable: true },
} as const;

/** A row's place in its list: [createdAt in epoch ms, id]. */
export type Place = readonly [createdAt: number, id: string];

/** A checked request for a page. */
export interface Page {
  readonly size: number;
  /** True: the `size` rows at the end of the range (`last`), still answered in list order. */
  readonly fromEnd: boolean;
  readonly after?: Place;
  readonly before?: Place;
}

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

/** @throws BAD_PAGE_SIZE, BAD_CURSOR */
export function toPage({ first, after, last, before }: PageArgs): Page {
  if (first != null && last != null) throw shopError('BAD_PAGE_SIZE');
  const size = first ?? last ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 0 || size > MAX_PAGE) throw shopError('BAD_PAGE_SIZE');
  return {
    size,
    fromEnd: last != null,
    ...(after != null && { after: fromCursor(after) }),
    ...(before != null && { before: fromCursor(before) }),
  };
}

/**
 * @param rows in list order, as a store answers a Page: at most `page.size` and one more, which tells that the list
 *   goes on (the first one when the page is taken from the end, else the last one).
 */
export function toConnection<Node extends { readonly createdAt: number; readonly id: string }>(
  rows: readonly Node[],
  page: Page,
  totalCount: number,
): Connection<Node> {
  const more = rows.length > page.size;
  const nodes = !more ? rows : page.fromEnd ? rows.slice(1) : rows.slice(0, page.size);
  const edges = nodes.map((node) => ({ cursor: toCursor([node.createdAt, node.id]), node }));
  return {
    edges,
    pageInfo: {
      // At the end that was not looked at, a cursor is the evidence: it came from a row that lies beyond.
      hasNextPage: page.fromEnd ? page.before !== undefined : more,
      hasPreviousPage: page.fromEnd ? more : page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}

export function toCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function fromCursor(cursor: string): Place {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw shopError('BAD_CURSOR');
  }
  if (!Array.isArray(place) || place.length !== 2) throw shopError('BAD_CURSOR');
  const [createdAt, id] = place as [unknown, unknown];
  if (!Number.isSafeInteger(createdAt) || typeof id !== 'string' || id.includes('\0'))
    throw shopError('BAD_CURSOR');
  return [createdAt as number, id];
}
