/**
 * Does the shop agree with what every client saw? Pure. An acknowledged order exists exactly once, as it was asked for, is never
 * charged twice, never oversold, and ends final, in the state its history allows.
 */
import type { Item } from './errand.ts';
import type { FinalOrder, Observed, Operation } from './history.ts';

export type ViolationKind =
  /** A client has its number, and the shop does not know it. */
  | 'lost'
  /** Two orders under one key, or one that no client was ever told of. */
  | 'doubled'
  | 'charged twice'
  /** More pieces confirmed than there ever were. */
  | 'oversold'
  | 'stuck'
  /** Final, but not as it may be. */
  | 'wrong end'
  /** Not what was asked for. */
  | 'wrong order'
  /** A key was taken for another body. */
  | 'conflict not refused'
  /** A refusal that nothing gave a reason for. */
  | 'wrong refusal'
  /** A client never got an answer. */
  | 'unanswered';

export interface Violation {
  readonly kind: ViolationKind;
  readonly what: string;
  /** Number in the run, and id: where to look. */
  readonly order?: number;
  readonly id?: string;
}

type Rule = (observed: Observed) => Iterable<Violation>;

export function check(observed: Observed): Violation[] {
  return rules.flatMap((rule) => [...rule(observed)]);
}

const requests = ({ history }: Observed) =>
  history.filter(({ kind }) => kind === 'place' || kind === 'repeat');
const acknowledged = (observed: Observed) =>
  requests(observed).flatMap((operation) =>
    operation.answer.kind === 'order' ? [{ operation, id: operation.answer.id }] : [],
  );
const byId = ({ orders }: Observed) => new Map(orders.map((order) => [order.id, order]));

const rules: readonly Rule[] = [
  function* everyRequestIsAnswered({ history }) {
    for (const { kind, order, answer } of history)
      if (answer.kind === 'none') yield { kind: 'unanswered', order, what: `${kind}: the client gave up` };
  },

  function* anAcknowledgedOrderExistsAsItWasAskedFor(observed) {
    const orders = byId(observed);
    for (const { operation, id } of acknowledged(observed)) {
      const found = orders.get(id);
      const where = { order: operation.order, id };
      if (!found) yield { kind: 'lost', ...where, what: 'acknowledged, and not there' };
      else if (found.customer !== operation.customer || !sameItems(found.items, operation.items))
        yield { kind: 'wrong order', ...where, what: 'another customer or other items than were asked for' };
    }
  },

  function* oneOrderToAKey(observed) {
    const told = acknowledged(observed);
    for (const [key, of] of Map.groupBy(told, ({ operation }) => operation.key)) {
      const ids = [...new Set(of.map(({ id }) => id))];
      const order = of[0]?.operation.order;
      if (ids.length > 1 && order !== undefined)
        yield { kind: 'doubled', order, what: `key ${key} stands for ${ids.join(' and ')}` };
    }
    const known = new Set(told.map(({ id }) => id));
    for (const { id } of observed.orders)
      if (!known.has(id)) yield { kind: 'doubled', id, what: 'an order that no client was told of' };
  },

  function* anotherBodyUnderAKeyIsRefused({ history }) {
    for (const { kind, order, answer } of history) {
      if (kind !== 'conflict' || answer.kind === 'none') continue;
      if (answer.kind === 'refused' && answer.code === 'IDEMPOTENCY_CONFLICT') continue;
      const id = answer.kind === 'order' ? { id: answer.id } : {};
      const got = answer.kind === 'order' ? 'an order' : answer.code;
      yield { kind: 'conflict not refused', order, ...id, what: `the same key with another body got ${got}` };
    }
  },

  function* nothingIsRefusedWithoutCause({ history }) {
    for (const { kind, order, answer } of history) {
      if (answer.kind !== 'refused' || kind === 'conflict') continue;
      const allowed = { place: 'OUT_OF_STOCK', cancel: 'ORDER_SHIPPED', repeat: undefined }[kind];
      if (answer.code !== allowed)
        yield { kind: 'wrong refusal', order, what: `${kind} was refused with ${answer.code}` };
    }
  },

  function* everyOrderEnds({ orders }) {
    for (const { id, status } of orders)
      if (status !== 'CONFIRMED' && status !== 'CANCELLED')
        yield { kind: 'stuck', id, what: `still ${status}` };
  },

  function* itsMoneyFitsItsEnd({ orders }) {
    for (const { id, status, payment, total, timeline } of orders) {
      const captures = timeline.filter((what) => what === 'PAYMENT_CAPTURED').length;
      if (captures > 1) yield { kind: 'charged twice', id, what: `captured ${captures} times` };
      const kept = payment?.status === 'CAPTURED' ? payment.amount : 0;
      const due = status === 'CONFIRMED' ? total : 0;
      if (status === 'PENDING' || kept === due) continue;
      if (kept > total) yield { kind: 'charged twice', id, what: `${kept} taken for an order of ${total}` };
      else yield { kind: 'wrong end', id, what: `${status}, and ${kept} of ${total} is kept` };
    }
  },

  function* itEndsAsItsHistoryAllows(observed) {
    const orders = byId(observed);
    for (const { operation, id } of acknowledged(observed)) {
      const found = orders.get(id);
      if (operation.kind === 'place' && found?.status === 'CONFIRMED' && declined(operation))
        yield { kind: 'wrong end', order: operation.order, id, what: 'confirmed, and its payment declines' };
    }
    const idOf = new Map(acknowledged(observed).map(({ operation, id }) => [operation.order, id]));
    for (const { kind, order, answer } of observed.history) {
      const id = idOf.get(order);
      const found = id === undefined ? undefined : orders.get(id);
      if (kind !== 'cancel' || !found || found.status === 'PENDING') continue;
      if (answer.kind === 'order' && found.status !== 'CANCELLED')
        yield {
          kind: 'wrong end',
          order,
          id: found.id,
          what: `cancelled by its customer, and ${found.status}`,
        };
      if (answer.kind === 'refused' && answer.code === 'ORDER_SHIPPED' && found.status !== 'CONFIRMED')
        yield { kind: 'wrong end', order, id: found.id, what: `too late to cancel, and ${found.status}` };
    }
  },

  function* noMoreIsSoldThanThereWas({ orders, stock }) {
    const sold = new Map<string, number>();
    for (const { productId, quantity } of orders.filter(isConfirmed).flatMap(({ items }) => items))
      sold.set(productId, (sold.get(productId) ?? 0) + quantity);
    for (const [productId, pieces] of sold) {
      const had = stock.get(productId) ?? 0;
      if (pieces > had) yield { kind: 'oversold', what: `${pieces} of ${productId} sold, ${had} there were` };
    }
  },
];

const isConfirmed = ({ status }: FinalOrder) => status === 'CONFIRMED';
const declined = ({ paymentToken }: Operation) => paymentToken === 'tok_declined';

function sameItems(a: readonly Item[], b: readonly Item[]): boolean {
  const text = (items: readonly Item[]) =>
    items
      .map(({ productId, quantity }) => `${quantity} ${productId}`)
      .sort()
      .join();
  return text(a) === text(b);
}
