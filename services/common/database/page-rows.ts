/** The rows of one Page out of a query, by keyset: no OFFSET, so a deep page costs what the first one does. */
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Page, Place } from '../connection.ts';

/** `oldest` or `newest` first. */
export type ListOrder = 'oldest' | 'newest';

/**
 * Reads `page.size` rows and one more (see `toConnection`), in list order. The query's tables need the columns
 * `created_at` and `id`, and an index on them.
 */
export async function pageRows<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  page: Page,
  order: ListOrder,
): Promise<Row[]> {
  const ascending = (order === 'oldest') !== page.fromEnd;
  const direction = ascending ? 'asc' : 'desc';
  const rows = await withinPage(query, page, order)
    .orderBy(sql`created_at`, direction)
    .orderBy(sql`id`, direction)
    .limit(page.size + 1)
    .execute();
  return page.fromEnd ? rows.reverse() : rows;
}

/** Only what lies between the page's cursors. */
export function withinPage<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  { after, before }: Page,
  order: ListOrder,
): SelectQueryBuilder<DB, TB, Row> {
  const [beyond, short] = order === 'oldest' ? (['>', '<'] as const) : (['<', '>'] as const);
  let bounded = query;
  if (after) bounded = bounded.where(compared(beyond, after));
  if (before) bounded = bounded.where(compared(short, before));
  return bounded;
}

function compared(operator: '<' | '>', [createdAt, id]: Place) {
  return sql<boolean>`(created_at, id) ${sql.raw(operator)} (${createdAt}, ${id})`;
}
