/**
 * How an order is fulfilled: reserve stock, authorize the payment, capture it, ship, then confirm. Whatever stops it on
 * the way is undone step by step, backwards, and the order ends cancelled, with the reason. Pure.
 */
import type { Effect, Fault, Saga, SagaInput } from 'moleculer-durable-events';
import type { Money } from '../common/money.ts';
import type { OrderedItem, Reason } from './order.ts';

export const FULFILMENT = 'order-fulfilment';

export interface FulfilmentOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly items: readonly OrderedItem[];
  readonly total: Money;
  /** Stands for the customer's means of payment. */
  readonly paymentToken: string;
  /** ms that one step may take. */
  readonly stepTimeout: number;
}

/** The customer's wish, heard until the parcel is made. */
export interface Cancel {
  readonly type: 'cancel';
}

type Step = 'reserve' | 'authorize' | 'capture' | 'ship';
type Undoing = 'cancelShipment' | 'refund' | 'void' | 'release';

export interface FulfilmentState {
  readonly order: FulfilmentOrder;
  /** `sell` and `settle` are what must happen, however often it takes. */
  readonly at: Step | Undoing | 'sell' | 'settle' | 'done';
  /** The command whose reply it waits for; replies to any other come too late. */
  readonly awaiting: string;
  /** What is still to be undone, after `at`. */
  readonly undo: readonly Undoing[];
  /** Why the order is cancelled; null while it is not. */
  readonly reason: Reason | null;
  readonly trackingNumber: string | null;
  /** Had the money been taken, and was paid back? */
  readonly refunded: boolean;
  /** How often `sell` or `settle` was begun anew. */
  readonly renewals: number;
}

type Input = SagaInput<FulfilmentOrder, Cancel>;
interface Next {
  readonly state: FulfilmentState;
  readonly effects: readonly Effect[];
}

const steps: readonly Step[] = ['reserve', 'authorize', 'capture', 'ship'];

/** With these the other side says that it did nothing. After any other error nobody knows, and the step is undone as well. */
const refusals: ReadonlySet<string> = new Set([
  'OUT_OF_STOCK',
  'PAYMENT_DECLINED',
  'NOT_SHIPPABLE',
  'PRODUCT_NOT_FOUND',
]);

export const orderFulfilment: Saga<FulfilmentState, FulfilmentOrder, Cancel> = {
  name: FULFILMENT,
  initialState: (order) => ({
    ...{ order, at: 'reserve', awaiting: 'reserve', undo: [], reason: null, trackingNumber: null },
    ...{ refunded: false, renewals: 0 },
  }),
  decide: (state, input) => next(state, input).effects,
  evolve: (state, input) => next(state, input).state,
};

function next(state: FulfilmentState, input: Input): Next {
  if (input.type === 'started') return take(state, 'reserve');
  if (isStep(state.at)) return whileStepping(state, state.at, input);
  if (!('command' in input) || input.command !== state.awaiting) return unchanged(state);
  switch (state.at) {
    case 'sell':
      return input.type === 'replied' ? settle(state) : renew(state, input.error);
    case 'settle':
      if (input.type === 'failed') return renew(state, input.error);
      return {
        state: { ...state, at: 'done' },
        effects: [{ kind: 'end', outcome: state.reason ? 'cancelled' : 'confirmed' }],
      };
    default:
      return input.type === 'replied' ? undo(noteRefund(state, input.result), state.undo) : unchanged(state);
  }
}

function whileStepping(state: FulfilmentState, step: Step, input: Input): Next {
  switch (input.type) {
    case 'event':
      return cancel(state, step, true, {
        code: 'CUSTOMER_CANCELLED',
        message: 'The customer cancelled it.',
      });
    case 'timer':
      return cancel(state, step, true, {
        code: 'ORDER_OVERDUE',
        message: `Step '${step}' took too long, and the order was given up.`,
      });
    case 'failed': {
      if (input.command !== step) return unchanged(state);
      const refused = input.certain && refusals.has(input.error.code);
      return cancel(state, step, !refused, refused ? input.error : failure(step));
    }
    case 'replied':
      return input.command === step ? advance(state, step, input.result) : unchanged(state);
    default:
      return unchanged(state);
  }
}

function advance(state: FulfilmentState, step: Step, result: unknown): Next {
  const following = steps[steps.indexOf(step) + 1];
  if (following) return take(state, following);
  const { trackingNumber } = result as { readonly trackingNumber: string };
  return begin({ ...state, trackingNumber }, 'sell', [
    { kind: 'cancelTimer', name: 'overdue' },
    { kind: 'call', name: 'sell', action: 'inventory.confirm', params: { orderId: state.order.orderId } },
  ]);
}

function take(state: FulfilmentState, step: Step): Next {
  return begin(state, step, [
    { kind: 'call', name: step, ...command(step, state.order) },
    { kind: 'timer', name: 'overdue', ms: state.order.stepTimeout },
  ]);
}

/** @param doubtful the step itself may have happened, or may yet: it is undone too. */
function cancel(state: FulfilmentState, step: Step, doubtful: boolean, reason: Reason): Next {
  const taken = steps.slice(0, steps.indexOf(step) + (doubtful ? 1 : 0));
  const undone = taken
    // A refund gives back what was captured and lets go of what was not: there is nothing left to void.
    .filter((each) => each !== 'authorize' || !taken.includes('capture'))
    .map((each) => undoing[each])
    .toReversed();
  const { state: after, effects } = undo({ ...state, reason }, undone);
  return { state: after, effects: [{ kind: 'cancelTimer', name: 'overdue' }, ...effects] };
}

const undoing: Readonly<Record<Step, Undoing>> = {
  reserve: 'release',
  authorize: 'void',
  capture: 'refund',
  ship: 'cancelShipment',
};

function undo(state: FulfilmentState, [now, ...later]: readonly Undoing[]): Next {
  if (!now) return settle(state);
  const of = steps.find((step) => undoing[step] === now) ?? now;
  return begin({ ...state, undo: later }, now, [
    { kind: 'compensate', name: now, of, ...command(now, state.order) },
  ]);
}

function settle(state: FulfilmentState): Next {
  return begin(state, 'settle', [
    { kind: 'call', name: 'settle', action: 'orders.settle', params: settlement(state) },
  ]);
}

/** Past the point of no return: under another name, as a name is used once, until it succeeds. */
function renew(state: FulfilmentState, error: Fault): Next {
  if (refusals.has(error.code) || error.code === 'RESERVATION_RELEASED')
    throw new Error(`${state.at} of ${state.order.orderId}: ${error.message}`);
  const renewals = state.renewals + 1;
  const name = `${state.at}-${renewals}`;
  const { orderId } = state.order;
  return {
    state: { ...state, renewals, awaiting: name },
    effects: [
      state.at === 'sell'
        ? { kind: 'call', name, action: 'inventory.confirm', params: { orderId } }
        : { kind: 'call', name, action: 'orders.settle', params: settlement(state) },
    ],
  };
}

/** Only the payments know whether there was anything to pay back. */
function noteRefund(state: FulfilmentState, result: unknown): FulfilmentState {
  if (state.at !== 'refund') return state;
  return { ...state, refunded: (result as { readonly refunded?: boolean } | null)?.refunded === true };
}

const settlement = ({ order: { orderId }, reason, refunded, trackingNumber }: FulfilmentState) =>
  reason ? { orderId, reason, refunded } : { orderId, trackingNumber };

function command(name: Step | Undoing, order: FulfilmentOrder): { action: string; params: unknown } {
  const { orderId, customerId, items, total: amount, paymentToken: token } = order;
  switch (name) {
    case 'reserve':
      return { action: 'inventory.reserve', params: { orderId, items } };
    case 'release':
      return { action: 'inventory.release', params: { orderId } };
    case 'authorize':
      return { action: 'payments.authorize', params: { orderId, customerId, amount, token } };
    case 'capture':
    case 'void':
    case 'refund':
      return { action: `payments.${name}`, params: { orderId, customerId, amount } };
    case 'ship':
      return { action: 'shipping.createShipment', params: { orderId, customerId, items } };
    case 'cancelShipment':
      return { action: 'shipping.cancelShipment', params: { orderId, customerId } };
  }
}

const begin = (state: FulfilmentState, at: FulfilmentState['at'], effects: readonly Effect[]): Next => ({
  state: { ...state, at, awaiting: at },
  effects,
});

const unchanged = (state: FulfilmentState): Next => ({ state, effects: [] });

const isStep = (at: FulfilmentState['at']): at is Step => (steps as readonly string[]).includes(at);

const failure = (step: Step): Reason => ({
  code: 'ORDER_FAILED',
  message: `Step '${step}' failed on our side, and the order was given up.`,
});
