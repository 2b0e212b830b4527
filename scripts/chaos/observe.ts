/** Reads the shop through its API, for the checker. */
import type { TimelineEntry } from '../../services/orders/order-timeline.ts';
import type { FinalOrder } from './history.ts';
import type { Onlooker } from './insist.ts';

export interface SeenOrder extends FinalOrder {
  /** Epoch ms. */
  readonly placedAt: number;
  /** Epoch ms of its last milestone. */
  readonly lastAt: number;
  readonly story: readonly { readonly at: string; readonly what: string; readonly detail: string | null }[];
}

interface Row {
  readonly id: string;
  readonly status: string;
  readonly placedAt: string;
  readonly reason: { readonly code: string } | null;
  readonly total: { readonly amount: number };
  readonly lines: readonly { readonly quantity: number; readonly product: { readonly id: string } }[];
  readonly payment: { readonly status: string; readonly amount: { readonly amount: number } } | null;
  readonly timeline: readonly {
    readonly at: string;
    readonly what: TimelineEntry['what'];
    readonly detail: string | null;
  }[];
}

const orderPage = `query ($id: ID!, $after: String) { user(id: $id) { orders(first: 100, after: $after) {
  edges { node {
    id status placedAt reason { code } total { amount } lines { quantity product { id } }
    payment { status amount { amount } } timeline { at what detail }
  } }
  pageInfo { hasNextPage endCursor }
} } }`;

/** All orders of a customer that were placed since `since` (epoch ms). */
export async function ordersOf(onlooker: Onlooker, customer: string, since: number): Promise<SeenOrder[]> {
  interface Page {
    readonly user: {
      readonly orders: {
        readonly edges: readonly { readonly node: Row }[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
      };
    };
  }
  const seen: SeenOrder[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await onlooker.ask<Page>(orderPage, { id: customer, after });
    const { edges, pageInfo } = page.user.orders;
    const fresh = edges.map(({ node }) => toSeen(customer, node)).filter(({ placedAt }) => placedAt >= since);
    seen.push(...fresh);
    // Newest first.
    if (!pageInfo.hasNextPage || fresh.length < edges.length) return seen;
    after = pageInfo.endCursor;
  }
}

function toSeen(
  customer: string,
  { id, status, placedAt, reason, total, lines, payment, timeline }: Row,
): SeenOrder {
  return {
    ...{ id, customer, status, reason: reason?.code ?? null, total: total.amount },
    items: lines.map(({ quantity, product }) => ({ productId: product.id, quantity })),
    payment: payment && { status: payment.status, amount: payment.amount.amount },
    timeline: timeline.map(({ what }) => what),
    placedAt: Date.parse(placedAt),
    lastAt: Date.parse(timeline.at(-1)?.at ?? placedAt),
    story: timeline,
  };
}

/** Those of `ids` that are not final. */
export async function pendingOf(onlooker: Onlooker, ids: readonly string[]): Promise<string[]> {
  const pending: string[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const some = ids.slice(from, from + BATCH);
    const fields = some.map((id, index) => `o${index}: order(id: ${JSON.stringify(id)}) { id status }`);
    const data = await onlooker.ask<Record<string, { readonly id: string; readonly status: string } | null>>(
      `{ ${fields.join(' ')} }`,
    );
    for (const order of Object.values(data)) if (order?.status === 'PENDING') pending.push(order.id);
  }
  return pending;
}

/** Below the gateway's limit of aliases. */
const BATCH = 50;

/** Points and mails (by id, `KIND:subject`) of whoever asks. */
export async function rewardsOf(customer: Onlooker): Promise<{ points: number; mails: string[] }> {
  interface Page {
    readonly me: { readonly loyaltyPoints: number | null };
    readonly mailbox: {
      readonly edges: readonly { readonly node: { readonly id: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }
  const text = `query ($after: String) { me { loyaltyPoints }
    mailbox(first: 100, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`;
  const mails: string[] = [];
  for (let after: string | null = null; ; ) {
    const { me, mailbox }: Page = await customer.ask<Page>(text, { after });
    mails.push(...mailbox.edges.map(({ node }) => node.id));
    if (!mailbox.pageInfo.hasNextPage) return { points: me.loyaltyPoints ?? 0, mails };
    after = mailbox.pageInfo.endCursor;
  }
}

/** Pieces available of every product. */
export async function stockOf(onlooker: Onlooker): Promise<Map<string, number>> {
  interface Page {
    readonly products: {
      readonly edges: readonly { readonly node: { readonly id: string; readonly available: number } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }
  const text = `query ($after: String) { products(first: 100, after: $after) {
    edges { node { id available } } pageInfo { hasNextPage endCursor }
  } }`;
  const stock = new Map<string, number>();
  for (let after: string | null = null; ; ) {
    const { products }: Page = await onlooker.ask<Page>(text, { after });
    for (const { node } of products.edges) stock.set(node.id, node.available);
    if (!products.pageInfo.hasNextPage) return stock;
    after = products.pageInfo.endCursor;
  }
}
