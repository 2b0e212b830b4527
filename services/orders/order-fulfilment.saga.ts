/**
 * How an order is fulfilled: reserve stock, authorize the payment, capture it, ship, then confirm. Whatever stops it on
 * the way is undone step by step, backwards, and the order ends cancelled, with the reason. Pure.
 */
import type { Effect, Saga, SagaInput } from 'moleculer-durable-events';
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
  /** `sell` and `settle` come after the point of no return: nothing gives them up. */
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
}

type Input = SagaInput<FulfilmentOrder, Cancel>;
interface Next {
  readonly state: FulfilmentState;
  readonly effects: readonly Effect[];
}

const steps: readonly Step[] = ['reserve', 'authorize', 'capture', 'ship'];

export const orderFulfilment: Saga<FulfilmentState, FulfilmentOrder, Cancel> = {
  name: FULFILMENT,
  initialState: (order) => ({
    ...{ order, at: 'reserve', awaiting: 'reserve', undo: [], reason: null, trackingNumber: null },
    refunded: false,
  }),
  decide: (state, input) => next(state, input).effects,
  evolve: (state, input) => next(state, input).state,
};

function next(state: FulfilmentState, input: Input): Next {
  if (input.type === 'started') return take(state, 'reserve');
  if (isStep(state.at)) return whileStepping(state, state.at, input);
  if (!('command' in input) || input.command !== state.awaiting) return unchanged(state);
  if (input.type === 'replied') return afterReply(state, input.result);
  // Whoever is tried until he replies has only one way to fail, and this is no time for it: a person has to look.
  throw new Error(`${state.at} of ${state.order.orderId}: ${input.error.message}`);
}

function afterReply(state: FulfilmentState, result: unknown): Next {
  switch (state.at) {
    case 'sell':
      return settle(state);
    case 'settle':
      return {
        state: { ...state, at: 'done' },
        effects: [{ kind: 'end', outcome: state.reason ? 'cancelled' : 'confirmed' }],
      };
    default:
      return undo(noteRefund(state, result), state.undo);
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
    case 'failed':
      // Refused: nothing else ends an attempt but the timer.
      return input.command === step ? cancel(state, step, !input.certain, input.error) : unchanged(state);
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
